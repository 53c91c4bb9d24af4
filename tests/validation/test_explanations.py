"""What is said of each keyword: of all that can be told, with examples that are as they say."""

import json
from pathlib import Path

import pytest
from validation.engine_pair import ENGINES

from canvas_events_cli.catalog.catalog import load_schema_file
from canvas_events_cli.catalog.dialects import HOLDERS
from canvas_events_cli.defaults import Engine
from canvas_events_cli.validation import messages
from canvas_events_cli.validation.engines import compile_schema
from canvas_events_cli.validation.explanations import EXPLANATIONS

ASKING = sorted(word for word, told in EXPLANATIONS.items() if told.schema is not None)
SAY_NOTHING = {"$defs", "definitions", "contentSchema", "if"}
"""Keywords with schemas in them that nothing is told of."""


def test_every_keyword_is_explained() -> None:
    told = {*messages._EXPECTED, *messages._MESSAGES, *HOLDERS, "json", "duplicateKey", "signature", "wrapper"}
    assert set(EXPLANATIONS) == (told | {"undocumented", "false"}) - SAY_NOTHING


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("keyword", ASKING)
def test_examples_are_as_they_say(keyword: str, engine: Engine, tmp_path: Path) -> None:
    explanation = EXPLANATIONS[keyword]
    (tmp_path / "schema.json").write_text(json.dumps(explanation.schema))
    schema = compile_schema(load_schema_file(tmp_path / "schema.json"), engine)
    assert [violation.keyword for violation in schema.violations(json.loads(explanation.right))] == []
    assert {violation.keyword for violation in schema.violations(json.loads(explanation.wrong))} == {keyword}
