"""Coverage-guided fuzzing of schema files: whatever stands in one, it is refused with a reason, or both engines agree.

Needs atheris. By hand, for ten minutes: ``python tests/fuzz/fuzz_schemas.py -max_total_time=600 CORPUS_FOLDER``.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import atheris

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1] / "validation")]

with atheris.instrument_imports(include=["canvas_events_cli"]):
    from canvas_events_cli.catalog.dialects import DIALECTS
    from canvas_events_cli.catalog.folder import Folder
    from canvas_events_cli.catalog.references import load_schema
    from canvas_events_cli.errors import CeventsError
    from canvas_events_cli.schema.bundle import bundled
    from canvas_events_cli.schema.check import check_schemas
    from canvas_events_cli.schema.diff import compare

from engine_pair import outcomes  # noqa: E402 (after the instrumented imports)

PLACE = Path(tempfile.mkdtemp()) / "schema.json"
KEYWORDS = [
    *("type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength"),
    *("minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties"),
    *("minProperties", "required", "dependentRequired", "dependentSchemas", "propertyNames", "if", "then", "else"),
    *("allOf", "anyOf", "oneOf", "not", "properties", "patternProperties", "additionalProperties", "items"),
    *("prefixItems", "additionalItems", "contains", "unevaluatedItems", "unevaluatedProperties", "format", "$ref"),
    *("$dynamicRef", "$recursiveRef", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$id", "id", "$schema", "$defs"),
    *("definitions", "dependencies", "$comment", "x-expected", "x-refers", "x-personal", "examples", "nullable"),
]
TEXTS = [
    *("a", "b", "7", "007", "", "#", "#a", "#/$defs/a", "#/properties/7", "b.json", "https://e.example/x", "urn:a"),
    *("string", "object", "array", "integer", "number", "null", "boolean", "date-time", "regex", "uri", "idn-hostname"),
    *(r"^\d+$", r"\<a\>", r"(?=a)", r"\p{L}b", "[[:alpha:]]", "^.$", r"\bé", "2024-07-30T19:04:35Z"),
    *(dialect.uri for dialect in DIALECTS.values()),
]
NUMBERS = [0, 1, 2, -1, 1.5, 0.01, 1e300, 2**53 + 1, 2**63, 2**64, -(2**64) - 1, 10**300, True]


class Maker:
    """Makes schemas and values of the fuzzer's bytes."""

    def __init__(self, data: bytes) -> None:
        self.provider = atheris.FuzzedDataProvider(data)

    def schema(self, depth: int = 0) -> Any:
        if depth > 4 or self.provider.ConsumeIntInRange(0, 9) == 0:
            return self.value(depth)
        count = self.provider.ConsumeIntInRange(0, 4)
        return {self.provider.PickValueInList(KEYWORDS): self.member(depth + 1) for _ in range(count)}

    def member(self, depth: int) -> Any:
        kind = self.provider.ConsumeIntInRange(0, 4)
        if kind == 0:
            return [self.schema(depth) for _ in range(self.provider.ConsumeIntInRange(0, 2))]
        if kind == 1:
            return {self.text(): self.schema(depth) for _ in range(self.provider.ConsumeIntInRange(0, 3))}
        return self.schema(depth) if kind == 2 else self.value(depth)

    def value(self, depth: int = 0) -> Any:
        kind = self.provider.ConsumeIntInRange(0, 6)
        if kind == 0 and depth < 5:
            return [self.value(depth + 1) for _ in range(self.provider.ConsumeIntInRange(0, 3))]
        if kind == 1 and depth < 5:
            return {self.text(): self.value(depth + 1) for _ in range(self.provider.ConsumeIntInRange(0, 3))}
        if kind == 2:
            return self.nested()
        if kind == 3:
            return self.provider.PickValueInList([None, True, False])
        return self.text() if kind == 4 else self.provider.PickValueInList(NUMBERS)

    def nested(self) -> Any:
        name = self.text()
        value: Any = 1
        for _ in range(self.provider.PickValueInList([1, 190, 254, 300, 900])):
            value = {name: value}
        return value

    def text(self) -> str:
        if self.provider.ConsumeBool():
            return str(self.provider.PickValueInList(TEXTS))
        return self.provider.ConsumeUnicodeNoSurrogates(8)


def one_input(data: bytes) -> None:
    maker = Maker(data)
    schema = maker.schema()
    values = [maker.value() for _ in range(3)]
    PLACE.write_text(json.dumps(schema), encoding="utf-8")
    check_schemas(PLACE)
    try:
        file = load_schema(PLACE, Folder(PLACE.parent, "*.json"), shown="schema.json")
        outcomes(file, *values)
        compare(PLACE, PLACE)
        bundled(file)
    except CeventsError:
        return


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
