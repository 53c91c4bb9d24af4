"""The configuration file: found upwards, below the environment and the options; transcripts show the messages."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from in_process import cevents

from canvas_events_cli.cli.app import _app
from canvas_events_cli.cli.configuration import KEYS
from canvas_events_cli.errors import CeventsError

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"
(EXAMPLE,) = re.findall(
    "^```toml\n# cevents.toml\n(.*?)^```$", (ROOT / ".docs" / "configuration.md").read_text(), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with schemas of its own, whose folder ``below/it`` is the one that is worked in."""
    shutil.copytree(ROOT / "schemas", tmp_path / "my-schemas")
    shutil.copy(SAMPLES / "retries.ndjson", tmp_path)
    below = tmp_path / "below" / "it"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.delenv("CEVENTS_SCHEMAS", raising=False)
    return tmp_path


def in_force(*arguments: str) -> dict[str, tuple[Any, str]]:
    """Return the value and the origin of each option that is given, as a command shows it."""
    done = cevents(*arguments, "--show-config")
    assert (done.code, done.stderr) == (0, b"")
    lines = re.findall("^([a-z-]+) = (.*)  # (.*)$", done.stdout.decode(), re.MULTILINE)
    return {key: (json.loads(value), origin) for key, value, origin in lines}


def test_the_nearest_file_counts(folder: Path) -> None:
    (folder / "cevents.toml").write_text("jobs = 1")
    assert in_force("validate")["jobs"] == (1, "../../cevents.toml")
    (folder / "below" / "pyproject.toml").write_text("[tool.ruff]\n")
    assert in_force("validate")["jobs"] == (1, "../../cevents.toml")
    (folder / "below" / "pyproject.toml").write_text("[tool.cevents]\njobs = 2")
    assert in_force("validate")["jobs"] == (2, "../pyproject.toml")
    (folder / "below" / "cevents.toml").write_text("")
    assert "jobs" not in in_force("validate")


def test_paths_are_relative_to_the_file(folder: Path) -> None:
    (folder / "cevents.toml").write_text(
        f'schemas = "my-schemas"\nenvelope = "{folder.as_posix()}/e.json"\nbody = ["b.json", "a=b.json"]\n'
        'jwks = "https://host.example/keys"\noutput-format = ["json", "junit=x.xml"]'
    )
    shown = {key: value for key, (value, _) in in_force("validate").items()}
    assert Path(shown["schemas"]) == Path("../../my-schemas")
    assert Path(shown["envelope"]) == folder / "e.json"
    assert shown["body"] == [str(Path("../../b.json")), f"a={Path('../../b.json')}"]
    assert Path(shown["jwks"]) == Path("https://host.example/keys")
    assert shown["output-format"] == ["json", f"junit={Path('../../x.xml')}"]


def test_an_option_beats_the_environment_which_beats_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "cevents.toml").write_text('schemas = "nowhere"')
    source = folder / "retries.ndjson"
    with pytest.raises(CeventsError, match="nowhere: no such folder"):
        cevents("validate", source)
    monkeypatch.setenv("CEVENTS_SCHEMAS", str(folder / "my-schemas"))
    assert cevents("validate", source).code == 0
    assert in_force("validate")["schemas"] == (str(folder / "my-schemas"), "CEVENTS_SCHEMAS")
    with pytest.raises(CeventsError, match="elsewhere: no such folder"):
        cevents("validate", source, "--schemas", "elsewhere")
    monkeypatch.delenv("CEVENTS_SCHEMAS")
    assert cevents("validate", source, "--no-config").code == 0


@pytest.mark.parametrize("key", [key for key, kind in KEYS.items() if kind is bool])
def test_every_flag_can_be_taken_back(key: str, folder: Path) -> None:
    (folder / "cevents.toml").write_text(f"{key} = true")
    opposite = key.removeprefix("no-") if key.startswith("no-") else f"no-{key}"
    (words,) = [words for words, keys in configurable().items() if key in keys][:1]
    assert in_force(*words.split())[key] == (True, "../../cevents.toml")
    assert in_force(*words.split(), f"--{opposite}")[key] == (False, "option")


def configurable() -> dict[str, dict[str, Any]]:
    """Return the options of each command that a file may give."""

    def below(command: Any, words: str) -> dict[str, dict[str, Any]]:
        found = {}
        for name, each in getattr(command, "commands", {}).items():
            found |= below(each, f"{words} {name}".strip())
        names = {option.removeprefix("--"): param for param in command.params for option in param.opts}
        return found or {words: {key: param for key, param in names.items() if key in KEYS}}

    return below(typer.main.get_command(_app([])), "")


def test_keys_are_options_of_that_kind() -> None:
    commands = configurable()
    assert set(KEYS) == {key for keys in commands.values() for key in keys}
    assert all(param.is_flag is (KEYS[key] is bool) for keys in commands.values() for key, param in keys.items())


def test_every_command_shows_what_is_in_force(folder: Path) -> None:
    for words in configurable():
        assert cevents(*words.split(), "--show-config").code == 0
        assert cevents(*words.split(), "--no-config", "--show-config").stdout.startswith(b"# cevents")


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_any_value_is_taken_or_refused(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    file = tmp_path_factory.mktemp("any") / "cevents.toml"
    here = Path.cwd()
    for key in ("strict", "jobs", "by", "schemas", "validate", "no such"):
        file.write_text(f"{json.dumps(key)} = {toml(value)}", "utf-8", "surrogatepass")
        os.chdir(file.parent)
        try:
            said = cevents("summarize", "--show-config").stdout.decode()
        except CeventsError as error:
            said = str(error)
        finally:
            os.chdir(here)
        assert said.startswith(("cevents.toml: ", "# cevents summarize, cevents.toml\n"))


def toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", r"\u007f").replace("NaN", "nan").replace("Inf", "inf")


@pytest.mark.parametrize("text", ["strict = " + "[" * 100_000, "strict = tru", "\x00", "\udcff"])
def test_what_cannot_be_read_is_an_error(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cevents.toml").write_bytes(text.encode("utf-8", "surrogateescape"))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CeventsError, match=r"^cevents.toml: is no TOML: .* \(--no-config leaves it out\)$"):
        cevents("show")
    assert cevents("show", "--no-config", SAMPLES / "retries.ndjson").code == 0


def test_help_needs_no_sound_file(folder: Path) -> None:
    (folder / "cevents.toml").write_text('output-format = "json"\nstrikt = true')
    for words in (["help", "show"], ["show", "--help"], ["help", "--show-config"], ["--version"]):
        assert cevents(*words).code == 0


def test_no_file_costs_no_parser(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.ruff]\n")
    program = (
        "import sys; sys.argv = ['cevents', 'schema', 'list', '-o', 'json']\n"
        "from canvas_events_cli.cli.app import run\nfrom canvas_events_cli.cli.interrupts import Interrupts\n"
        "code = run(Interrupts())\nassert code == 0 and 'tomllib' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, check=True)


def test_the_page_has_a_file_that_runs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copy(SAMPLES / "mistakes.ndjson", folder)
    (folder / "cevents.toml").write_text(EXAMPLE)
    source = folder / "mistakes.ndjson"
    assert cevents("validate", source, "--update-baseline").code == 0
    assert (folder / "known.json").is_file()
    # Malformed records are never known: they belong to no selection.
    assert cevents("validate", source).code == 1
    assert cevents("validate", "-e", "*", source).code == 0
    assert (folder / "findings.xml").is_file()
    assert in_force("show")["tz"] == ("utc", "../../cevents.toml")
