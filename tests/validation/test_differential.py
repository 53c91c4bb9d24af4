"""The two engines on events that went wrong in some way: one answer, over every keyword that the schemas use."""

import json
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from wrong_events import CATALOG, EXAMPLE, VALUES, event_of, wrong_events

from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import subschemas
from canvas_events_cli.model import Record
from canvas_events_cli.validation import ENGINES, EventChecker, ValidationSpec, compile_checker

VALIDATING = frozenset(
    (
        *("const", "contains", "dependentRequired", "enum", "exclusiveMaximum", "exclusiveMinimum", "format"),
        *("maxItems", "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum"),
        *("multipleOf", "not", "oneOf", "anyOf", "pattern", "propertyNames", "required", "type", "uniqueItems"),
        *("unevaluatedItems", "unevaluatedProperties"),
    )
)
"""Keywords that can be violated; ``additionalProperties`` and ``items`` are too where their value is ``false``."""


def keywords_of(file: SchemaFile) -> set[str]:
    found: set[str] = set()
    pending: list[Any] = [file.document, *(document for _, document in file.resources)]
    while pending:
        schema = pending.pop()
        found |= VALIDATING & schema.keys()
        found |= {keyword for keyword in ("additionalProperties", "items") if schema.get(keyword) is False}
        pending += [below for tokens, below in subschemas(schema) if tokens[0] != "if"]
    return found


def places_in(checker: EventChecker, event: Any) -> list[tuple[str, str, str]]:
    verdict = checker.check("capture.ndjson", Record(1, json.dumps(event).encode(), event, True))
    return [(finding.pointer, finding.keyword, finding.message) for finding in verdict.findings]


def test_the_engines_agree_on_every_keyword_that_the_schemas_use() -> None:
    checkers = [compile_checker(ValidationSpec(CATALOG, engine, True, True)) for engine in ENGINES]
    violated: set[str] = set()

    @settings(max_examples=100, suppress_health_check=list(HealthCheck))
    @given(st.one_of(wrong_events(), wrong_events(), wrong_events(), VALUES))
    @example({})
    @example({**EXAMPLE, "body": {**EXAMPLE["body"], "status": ""}})
    @example({**EXAMPLE, "body": {**EXAMPLE["body"], "domain": None}})
    @example({**EXAMPLE, "metadata": {**EXAMPLE["metadata"], "event_time": "yesterday"}})
    @example({**EXAMPLE, "metadata": {**EXAMPLE["metadata"], "user_id": "x"}})
    @example(event_of("learning_outcome_result_created") | {"body": {"id": None}})
    def agree(event: Any) -> None:
        fast, reference = (places_in(checker, event) for checker in checkers)
        assert fast == reference
        violated.update(keyword for _, keyword, _ in fast)

    agree()
    used = keywords_of(CATALOG.envelope).union(*map(keywords_of, CATALOG.bodies.values()))
    assert used - violated == set()
    assert used >= {"type", "required", "format", "anyOf"}
    assert "expected" in violated
