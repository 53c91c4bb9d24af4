"""Times cevents beside other tools on one stream, and prints a Markdown table.

    python tests/benchmarks/compare.py --peers FOLDER

FOLDER may hold ``node_modules`` (``npm install @sourcemeta/jsonschema ajv@8 ajv-formats@3``) and a virtual environment
``venv`` with polars and duckdb; jq and Miller are looked for on the path. What is not there is left out, and named.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
import family
import stream

EVENT = "outcomes.retry_outcome_alignment_clone"
CEVENTS = [str(Path(sys.executable).with_name("cevents"))]

AJV = """
const fs = require("fs"), readline = require("readline");
const validate = new (require("ajv/dist/2020"))({strict: false});
require("ajv-formats")(validate);
const check = validate.compile(JSON.parse(fs.readFileSync(process.argv[2])));
let valid = 0;
const lines = readline.createInterface({input: fs.createReadStream(process.argv[3]), crlfDelay: Infinity});
lines.on("line", line => { if (check(JSON.parse(line))) valid++; });
lines.on("close", () => console.log(valid));
"""
POLARS = """
import polars, sys
body = polars.col("body").struct
users = polars.col("metadata").struct.field("user_id").n_unique()
events = polars.scan_ndjson(sys.argv[1], infer_schema_length=1000)
groups = events.group_by(body.field("new_course_uuid"), body.field("status")).agg(polars.len(), users)
print(groups.sort("len").collect(engine="streaming").tail(3))
"""
DUCKDB = """
import duckdb, sys
duckdb.sql("select body.new_course_uuid, count(*), count(distinct metadata.user_id), min(metadata.event_time) from "
    f"read_json('{sys.argv[1]}', format='newline_delimited') group by 1 order by 2 desc limit 10").show()
"""


class Run(NamedTuple):
    """One tool at one job."""

    job: str
    tool: str
    command: list[str] | None
    """None where the tool is not installed."""


class Measured(NamedTuple):
    """What a run took."""

    seconds: float
    megabytes: float
    """Of the largest process."""
    cpu_seconds: float
    """Of all processes, the system's part included."""


def runs(capture: Path, folder: Path, peers: Path) -> Iterator[Run]:
    """Yield what is compared."""
    file, cores = str(capture), str(os.cpu_count())
    modules, python = peers / "node_modules", peers / "venv" / "bin" / "python"
    schema = folder / "event.json"
    schema.write_text(json.dumps(event_schema()))
    for name, text in (("ajv.cjs", AJV), ("group_polars.py", POLARS), ("group_duckdb.py", DUCKDB)):
        (folder / name).write_text(text)
    sourcemeta = next(modules.glob(".bin/jsonschema"), None)
    ajv = ["node", str(folder / "ajv.cjs"), str(schema), file]
    yield Run("validate", f"cevents -j {cores}", [*CEVENTS, "validate", "-q", "-j", cores, file])
    yield Run("validate", "cevents -j 1", [*CEVENTS, "validate", "-q", "-j", "1", file])
    yield Run(
        "validate",
        "Sourcemeta --fast",
        [str(sourcemeta), "validate", "--fast", str(schema), file] if sourcemeta else None,
    )
    yield Run("validate", "Ajv, compiled", ajv if (modules / "ajv").exists() else None)
    for job, status in (("filter, one event", stream.RARE), ("filter, half of the events", stream.HALF)):
        yield Run(job, f"cevents -j {cores}", [*CEVENTS, "filter", "-j", cores, "-w", f"body.status={status}", file])
        yield Run(job, "cevents -j 1", [*CEVENTS, "filter", "-j", "1", "-w", f"body.status={status}", file])
        yield Run(job, "jq", _found("jq", "-c", f'select(.body.status == "{status}")', file))
        yield Run(
            job, "Miller", _found("mlr", "--ijsonl", "--ojsonl", "filter", f'$body["status"] == "{status}"', file)
        )
    yield Run("summarize", f"cevents -j {cores}", [*CEVENTS, "summarize", "-o", "json", "-j", cores, file])
    yield Run("summarize", "cevents -j 1", [*CEVENTS, "summarize", "-o", "json", "-j", "1", file])
    yield Run(
        "summarize",
        "Polars, one group-by",
        [str(python), str(folder / "group_polars.py"), file] if python.exists() else None,
    )
    yield Run(
        "summarize",
        "DuckDB, one group-by",
        [str(python), str(folder / "group_duckdb.py"), file] if python.exists() else None,
    )
    yield Run(
        "summarize",
        "jq, one group-by",
        _found("jq", "-n", "[inputs | .body] | group_by(.new_course_uuid) | map(length)", file),
    )


def event_schema() -> object:
    """Return the envelope's and the body's schema as one that other validators take."""
    envelope, body = (
        json.loads(subprocess.check_output([*CEVENTS, "schema", "show", name, "-o", "json"]))
        for name in ("envelope", EVENT)
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [envelope, {"properties": {"body": body}}],
    }


def _found(program: str, *arguments: str) -> list[str] | None:
    return [program, *arguments] if shutil.which(program) else None


def measure(command: list[str], modules: Path) -> Measured:
    """Run *command*, its output thrown away; what it needs of Node is in *modules*."""
    started = time.perf_counter()
    environment = os.environ | {"NODE_PATH": str(modules)}
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment)
    _, _, usage = os.wait4(process.pid, 0)
    cpu = usage.ru_utime + usage.ru_stime
    return Measured(time.perf_counter() - started, usage.ru_maxrss / 1024, cpu)


def compare(capture: Path, folder: Path, peers: Path, rounds: int) -> None:
    """Run all tools alternately, *rounds* times, and print the table."""
    todo = list(runs(capture, folder, peers))
    results: list[list[Measured]] = [[] for _ in todo]
    for _ in range(rounds):
        for run, measured in zip(todo, results, strict=True):
            if run.command:
                measured.append(measure(run.command, peers / "node_modules"))
    print("| job | tool | median | times cevents | memory |\n| --- | --- | ---: | ---: | ---: |")
    first: dict[str, float] = {}
    for run, measured in zip(todo, results, strict=True):
        if not measured:
            print(f"| {run.job} | {run.tool} | not installed | | |")
            continue
        seconds = statistics.median(one.seconds for one in measured)
        ratio = seconds / first.setdefault(run.job, seconds)
        memory = max(one.megabytes for one in measured)
        print(f"| {run.job} | {run.tool} | {seconds:.2f} s | {ratio:.1f} | {memory:,.0f} MB |")


def odd_streams(folder: Path, events: int, rounds: int) -> None:
    """Print what streams cost in which every event is odd, beside one of valid events."""
    kinds = ("retries", *(f"every_event_{kind}" for kind in ("invalid", "faulty", "undocumented", "another")))
    files = {kind: stream.write(folder / f"{kind}-{events}.ndjson", getattr(stream, kind)(events)) for kind in kinds}
    print("| stream | validate -j 1 | times the valid one |\n| --- | ---: | ---: |")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, file in files.items():
            command = [*CEVENTS, "validate", "-q", "-j", "1", str(file)]
            times[kind].append(measure(command, folder).seconds)
    for kind, seconds in times.items():
        median = statistics.median(seconds)
        print(f"| {kind.replace('_', ' ')} | {median:.2f} s | {median / statistics.median(times['retries']):.1f} |")


def growth(folder: Path, megabytes: list[int]) -> None:
    """Print time and memory of each command for files of these sizes."""
    print("| size | validate | filter -c | summarize |\n| ---: | ---: | ---: | ---: |")
    for size in megabytes:
        file = stream.write(folder / f"growth-{size}.ndjson", stream.retries(size * 1_000_000 // 1_538))
        cells = []
        for arguments in (["validate", "-q"], ["filter", "-c", "-w", f"status={stream.HALF}"], ["summarize", "-q"]):
            one = measure([*CEVENTS, *arguments, str(file)], folder)
            cells.append(f"{one.seconds:.2f} s, {one.megabytes:,.0f} MB")
        print(f"| {size:,} MB | {' | '.join(cells)} |", flush=True)
        file.unlink()


def family_table(folder: Path, megabytes: int, rounds: int) -> None:
    """Print what each command costs on each stream of the family: CPU seconds, and how many times the plain one."""
    files = family.files(folder, megabytes)
    taken: dict[tuple[str, str], list[float]] = {}
    for _ in range(rounds):
        for name, file in files.items():
            for command, arguments in family.COMMANDS.items():
                one = measure([*CEVENTS, *arguments, "-j", "1", str(file)], folder)
                taken.setdefault((name, command), []).append(one.cpu_seconds)
    print(f"| stream | {' | '.join(family.COMMANDS)} |\n| --- |{' ---: |' * len(family.COMMANDS)}")
    medians = {key: statistics.median(seconds) for key, seconds in taken.items()}
    for name in files:
        cells = [
            f"{medians[name, command]:.2f} ({medians[name, command] / medians['plain', command]:.1f})"
            for command in family.COMMANDS
        ]
        print(f"| {name} | {' | '.join(cells)} |")


def main() -> None:
    """Read the options, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", type=Path, default=Path("peers"))
    parser.add_argument("--folder", type=Path, help="where streams are kept; else they are made again and deleted")
    parser.add_argument("--odd", action="store_true", help="streams in which every event is odd")
    parser.add_argument("--family", type=int, metavar="MB", help="a family of streams of this size")
    parser.add_argument("--growth", type=int, nargs="+", metavar="MB", help="files of these sizes")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        if options.growth:
            growth(folder, options.growth)
        elif options.family:
            family_table(folder, options.family, options.rounds)
        elif options.odd:
            odd_streams(folder, options.events, options.rounds)
        else:
            capture = stream.write(folder / f"retries-{options.events}.jsonl", stream.retries(options.events))
            compare(capture.resolve(), Path(temporary).resolve(), options.peers.resolve(), options.rounds)


if __name__ == "__main__":
    main()
