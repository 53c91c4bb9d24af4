"""On a machine where jsonschema-rs cannot be imported, everything works as ever, with the same words."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.validation import ValidationSpec, compile_checker, default_engine

EXAMPLE = Path(__file__).parent.parent / "example.json"
REPOSITORY = Path(__file__).parents[2]

SCRIPT = """
import json, sys
sys.modules["jsonschema_rs"] = None
from pathlib import Path
from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.model import Record
from canvas_events_cli.validation import ValidationSpec, compile_checker, default_engine

assert default_engine() == "jsonschema"
body = sys.argv[2]
checker = compile_checker(ValidationSpec(load_catalog(bodies=[body]), default_engine(), strict=True, show_values=True))
event = json.loads(Path(sys.argv[1]).read_text())
record = Record(1, json.dumps(event).encode(), event, True)
print(json.dumps([finding.message for finding in checker.check("a", record).findings]))
"""


def wrong_event() -> dict[str, Any]:
    event: dict[str, Any] = json.loads(EXAMPLE.read_text())
    event["metadata"] |= {"user_id": 5, "event_time": "2023-02-29T00:00:00Z", "evnt": 1}
    event["body"] = {"status": "", "domain": 3, "x-1": "y"}
    return event


def test_the_messages_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "event.json").write_text(json.dumps(wrong_event()))
    schema = {
        "required": ["a"],
        "properties": {"status": {"minLength": 1}},
        "patternProperties": {"^x-": {"type": "null"}},
    }
    (tmp_path / "body.json").write_text(json.dumps(schema))
    arguments = [str(tmp_path / "event.json"), str(tmp_path / "body.json")]
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments], capture_output=True, text=True, check=True, cwd=REPOSITORY
    )
    spec = ValidationSpec(load_catalog(bodies=[arguments[1]]), "jsonschema-rs", strict=True, show_values=True)
    findings = (
        compile_checker(spec).check("a", Record(1, json.dumps(wrong_event()).encode(), wrong_event(), True)).findings
    )
    assert json.loads(run.stdout) == [finding.message for finding in findings]
    assert len(findings) == 7


class TestBlocked:
    @pytest.fixture(autouse=True)
    def _block(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
        monkeypatch.delitem(sys.modules, "canvas_events_cli.validation.rust_engine", raising=False)

    def test_the_reference_takes_over(self) -> None:
        assert default_engine() == "jsonschema"

    def test_asking_for_the_missing_engine_is_an_error(self) -> None:
        with pytest.raises(CeventsError, match="--engine jsonschema-rs: the package jsonschema-rs cannot be imported"):
            compile_checker(ValidationSpec(load_catalog(), "jsonschema-rs"))


def test_the_fast_engine_is_the_default() -> None:
    assert default_engine() == "jsonschema-rs"


def test_the_fast_engine_does_not_load_the_slow_one() -> None:
    """Start-up would take a second longer."""
    script = (
        "import sys; from canvas_events_cli.catalog import load_catalog; "
        "from canvas_events_cli.validation import ValidationSpec, compile_checker; "
        "compile_checker(ValidationSpec(load_catalog(), 'jsonschema-rs')); "
        "print({'jsonschema', 'referencing', 're2', 'rich', 'typer'} & sys.modules.keys())"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert run.stdout == "set()\n"
