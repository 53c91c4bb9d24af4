"""What the command says of itself: the help, the reference and the page for man that are made from it."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from in_process import cevents

from canvas_events_cli import __version__
from canvas_events_cli.cli import COMMANDS

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / ".docs" / "reference.md").read_text(encoding="utf-8")
EXAMPLES = [
    line
    for block in re.findall("^```sh\n(.*?)^```$", REFERENCE, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
    if not line.startswith("#")
]
WORDS = re.findall("^## cevents (.+)$", REFERENCE, re.MULTILINE)


@pytest.mark.parametrize(("form", "name"), [("markdown", "reference.md"), ("man", "cevents.1")])
def test_pages_are_current(form: str, name: str, request: pytest.FixtureRequest) -> None:
    written = cevents("help", "-o", form).stdout
    if request.config.getoption("--update-golden"):
        (ROOT / ".docs" / name).write_bytes(written)
    assert (ROOT / ".docs" / name).read_bytes() == written, f"run: cevents help -o {form} > .docs/{name}"


def test_every_command_is_in_the_reference_with_examples() -> None:
    assert {words.split()[0] for words in WORDS} == set(COMMANDS)
    assert all(any(f"cevents {words}" in line for line in EXAMPLES) for words in WORDS)


def test_rows_of_the_reference_have_two_cells() -> None:
    rows = [line for line in REFERENCE.splitlines() if line.startswith("|")]
    assert [row for row in rows if len(re.findall(r"(?<!\\)\|", row)) != 3] == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with what the examples read."""
    path = tmp_path_factory.mktemp("examples")
    for name in ("captures", "last-week", "this-week"):
        (path / name).mkdir()
        shutil.copy(ROOT / "samples" / "retry-story.ndjson", path / name)
    for name in ("capture.ndjson", "live.ndjson", "monday.ndjson"):
        shutil.copy(ROOT / "samples" / "mistakes.ndjson", path / name)
    for name in ("my-schemas", "old-schemas", "new-schemas"):
        shutil.copytree(ROOT / "schemas", path / name)
    (path / "key").write_text("long, random, secret\n")
    return path


@pytest.mark.skipif(sys.platform == "win32", reason="examples are lines of a POSIX shell")
@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_run(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if re.search("cevents (capture|browse)", line):  # they wait for what nobody sends or types
        line = f"{line.partition(' | ')[0]} --show-config"
    if not re.search("[|<>$]", line):
        monkeypatch.chdir(folder)
        assert cevents(*shlex.split(line, comments=True)[1:]).code in (0, 1)
        return
    program = f'cevents() {{ "{sys.executable}" -m canvas_events_cli "$@"; }}; {line.replace("tail -F", "cat")}'
    done = subprocess.run(["bash", "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("words", WORDS)
def test_help_begins_with_examples_and_ends_with_what_is_rare(words: str) -> None:
    done = cevents(*words.split(), "--help")
    text = done.stdout.decode()
    assert (done.code, done.stderr) == (0, b"")
    titles = re.findall("^([A-Z][a-z ]+)$", text, re.MULTILINE)
    if words == "schema":
        assert titles == ["Examples", "Commands", "Options"]
    else:
        assert (titles[0], titles[-1]) == ("Examples", "Rarely needed")
        assert text.index("--no-config") > text.index("Rarely needed")
    assert not re.search("[\x1b\u2500-\u257f]", text)
    assert text == cevents("help", *words.split()).stdout.decode()


def test_three_worked_examples_without_a_command() -> None:
    done = cevents()
    assert done.code == 2
    assert done.stdout.count(b"\n  # ") == 3
    assert done.stdout == cevents("--help").stdout == cevents("help").stdout


@pytest.mark.parametrize(
    ("variables", "coloured"),
    [
        ({"CLICOLOR_FORCE": "1"}, True),
        ({"CLICOLOR_FORCE": "0"}, False),
        ({"CLICOLOR_FORCE": ""}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, False),
    ],
)
@pytest.mark.parametrize("arguments", [["--help"], ["schema", "list"]], ids=["help", "results"])
def test_colours_off_a_terminal(
    variables: dict[str, str], coloured: bool, arguments: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("CLICOLOR_FORCE", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (b"\x1b[" in cevents(*arguments).stdout) is coloured


@pytest.mark.parametrize("width", [30, 80, 200])
def test_help_keeps_to_the_width(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    lines = cevents("drift", "--help").stdout.decode().splitlines()
    told = [line for line in lines if line.startswith("      ")]
    assert told
    assert max(map(len, told)) <= min(width, 100)


def test_version() -> None:
    assert cevents("-V") == cevents("--version") == (0, f"cevents {__version__}\n".encode(), b"")


@pytest.mark.skipif(shutil.which("mandb") is None, reason="needs man-db")
def test_man_reads_its_page() -> None:
    variables = {**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""}
    command = ["man", "--warnings", "-l", str(ROOT / ".docs" / "cevents.1")]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    text = re.sub(".\b", "", done.stdout)
    assert "cevents filter -w 'status = outcome_alignment_cloning' --since 7d captures/" in text
    assert "-e, --event GLOB" in text
