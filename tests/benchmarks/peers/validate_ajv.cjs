// How many lines of FILE are valid by SCHEMA, with Ajv: node validate_ajv.cjs SCHEMA FILE
const fs = require("fs"), readline = require("readline");
const validator = new (require("ajv/dist/2020"))({strict: false});
require("ajv-formats")(validator);
const check = validator.compile(JSON.parse(fs.readFileSync(process.argv[2])));
let valid = 0;
const lines = readline.createInterface({input: fs.createReadStream(process.argv[3]), crlfDelay: Infinity});
lines.on("line", line => { if (check(JSON.parse(line))) valid++; });
lines.on("close", () => console.log(valid));
