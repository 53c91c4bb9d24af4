"""The pages for users: what they show is what their commands write, and what they name is there.

``console`` blocks are run as they stand, those of a page one after another, in a terminal and a folder with the
samples; what is shown below a command is compared, and a line ``…`` in it stands for any lines. Of ``sh`` blocks, which
need what a test has not, the options are looked up in the reference.
``pytest --update-golden tests/project/test_documents.py`` writes down what the commands say now, where there is no
such ``…``; with ``-m ''`` for all pages, of which only the README is not slow.
"""

import re
import subprocess
from functools import cache
from pathlib import Path

import pictures
import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.errors import ExitCode
from canvas_events_cli.rendering.validation_formats import FORMATS
from canvas_events_cli.schema.listing import events_of

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
REFERENCE = ROOT / ".docs" / "reference.md"
FOR_USERS = [README, *sorted(set((ROOT / ".docs").glob("*.md")) - {REFERENCE})]
PAGES = [
    *FOR_USERS,
    *(ROOT / folder / "README.md" for folder in ("samples", "schemas", "canvas_events_cli", "tests/benchmarks")),
    *sorted((ROOT / ".github").glob("*.md")),
]
MOST_LINES = 200

_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CONTROL = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\]8;.*?\x1b\\)")
_END = re.compile(r"\x1e(\d+)\x1e\n")
_WIDTH = 100


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def blocks(page: Path, *languages: str) -> list[str]:
    return [text for language, text in _BLOCK.findall(page.read_text()) if language in languages]


def commands(block: str) -> list[tuple[str, str]]:
    """Return each command of a ``console`` block, and what is shown below it."""
    return re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE)


def told(page: Path) -> list[tuple[str, str]]:
    """Return the commands of a page, those that its tables answer questions with too, and what is shown below each."""
    answers = re.findall(r"^\| .*\? \| `(cevents .*?)`", page.read_text(), re.MULTILINE)
    return [command for block in blocks(page, "console") for command in commands(block)] + [
        (text, "") for text in answers
    ]


def run(all_commands: list[str], folder: Path) -> list[tuple[int, str]]:
    """Run *all_commands* in a terminal, one after another in one shell; return each one's exit code and output."""
    for needed in ("samples", "schemas"):
        (folder / needed).symlink_to(ROOT / needed)
    script = "".join(f"{command}\n" + r"printf '\036%s\036\n' $?" + "\n" for command in all_commands)
    written = pictures.run_in_terminal(script, _WIDTH, folder)
    *texts, _ = _END.split(pictures.with_fixed_time(_CONTROL.sub("", written)))
    return [(int(code), text) for text, code in zip(texts[::2], texts[1::2], strict=True)]


def fits(shown: str, written: str) -> bool:
    """Return whether *written* is what is *shown*, in which a line with an ellipsis stands for any lines."""
    pattern = "".join(r"(?:.*\n)*?" if line == "…\n" else re.escape(line) for line in shown.splitlines(keepends=True))
    return re.fullmatch(pattern, written) is not None


@pytest.mark.parametrize(
    "page",
    [
        # Some hundred commands: the README's stand for all where somebody waits.
        pytest.param(page, marks=[pytest.mark.slow] * (page != README))
        for page in FOR_USERS
        if blocks(page, "console")
    ],
    ids=name,
)
def test_commands_write_what_is_shown(page: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    done = run([command for command, _ in told(page)], tmp_path)
    if request.config.getoption("--update-golden"):
        text = page.read_text()
        for (command, shown), (_, written) in zip(told(page), done, strict=True):
            if shown and "…\n" not in shown:
                text = text.replace(f"$ {command}\n{shown}", f"$ {command}\n{written}")
        page.write_text(text)
    # 1 says that something was found, which some are to show; 141 that `head` had enough.
    assert [
        (command, code) for (command, _), (code, _) in zip(told(page), done, strict=True) if code not in {0, 1, 141}
    ] == []
    differ = {
        command: written
        for (command, shown), (_, written) in zip(told(page), done, strict=True)
        if shown and not fits(shown, written)
    }
    assert differ == {}
    kept = {path.name + "/" * path.is_dir() for path in tmp_path.iterdir()} - {"samples/", "schemas/"}
    assert kept - ignored(kept) == set()


def ignored(names: set[str]) -> set[str]:
    """Return those of *names* that git leaves alone in the clone; all of them where this is none."""
    if not (ROOT / ".git").exists():
        return names
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin"]
    told = subprocess.run(command, cwd=ROOT, input="\n".join(names), capture_output=True, text=True, check=False)
    return set(told.stdout.split("\n"))


@cache
def options(command: str) -> set[str]:
    """Return the options that the reference tells of *command*."""
    (section,) = re.findall(
        rf"^## cevents {command}\n(.*?)(?=^## |\Z)", REFERENCE.read_text(), re.MULTILINE | re.DOTALL
    )
    return set(re.findall(r"(?<![\w-])--?\w[\w-]*", section))


@pytest.mark.parametrize("page", FOR_USERS, ids=name)
def test_recipes_use_options_that_there_are(page: Path) -> None:
    text = "\n".join(block.replace("\\\n", " ") for block in blocks(page, "sh", "bash", "console", "ini", "yaml"))
    used = re.findall(r"(?<![\w/-])(?:/\S*/)?cevents ([a-z]+(?: list| show| check| diff)?)\b([^|\n#;(]*)", text)
    unknown = [
        (command, option)
        for command, rest in used
        for option in re.findall(r"(?<=\s)--?[a-z][\w-]*", re.sub(r"'[^']*'", "", rest))
        if option not in options(command)
    ]
    assert unknown == []


@pytest.mark.parametrize("page", FOR_USERS, ids=name)
def test_pages_name_options_that_there_are(page: Path) -> None:
    named = set(re.findall(r"`(--[a-z][\w-]*)", _BLOCK.sub("", page.read_text())))
    assert {option for option in named if option not in REFERENCE.read_text()} - {"--no-strict"} == set()


def test_tables_hold_what_there_is() -> None:
    page = (ROOT / ".docs" / "ci.md").read_text()
    formats, codes = (page[page.index(f"\n| {head}") :].split("\n\n")[0] for head in ("`-o`", "code"))
    assert set(re.findall("`(.*?)`", " ".join(re.findall(r"^\| (.*?) \|", formats, re.MULTILINE)))) == {"-o", *FORMATS}
    assert set(re.findall(r"\d+", " ".join(re.findall(r"^\| (\d.*?) \|", codes, re.MULTILINE)))) - {"143"} == {
        str(int(code)) for code in ExitCode
    }
    assert f" of {len(list(events_of(load_catalog())))} events" in README.read_text()


def anchors(page: Path) -> set[str]:
    headings = re.findall("^#+ (.*)", _BLOCK.sub("", page.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(((?!https:)[^)]+)\)", _BLOCK.sub("", page.read_text()))
    dead = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_every_page_is_found_from_the_readme() -> None:
    text = README.read_text()
    assert [page.name for page in [*FOR_USERS[1:], REFERENCE] if f"](.docs/{page.name})" not in text] == []


def test_the_readme_takes_five_minutes() -> None:
    assert len(README.read_text().splitlines()) <= MOST_LINES
