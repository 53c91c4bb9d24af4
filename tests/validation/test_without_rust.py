"""On a machine where jsonschema-rs cannot be imported, everything works as ever, with the same words."""

import subprocess
import sys
from pathlib import Path

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.validation import ValidationSpec, compile_checker, default_engine

REPOSITORY = Path(__file__).parents[2]


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
