"""What folders, patterns and prefixes hold: taken by content, and what is passed over is told."""

import bz2
import gzip
import json
import lzma
import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from canvas_events_cli.sources.contents import begins_like_events
from canvas_events_cli.sources.locate import PassedOver, locate
from canvas_events_cli.sources.source import Source, SourceError
from canvas_events_cli.wrappers.encodings import unsigned

EVENT = b'{"metadata": {}, "body": {}}\n'
TOKEN = unsigned(EVENT)

MAY_BE_EVENTS = {
    "object": EVENT,
    "objects with nothing between": EVENT.strip() * 2,
    "empty object": b"{}",
    "pretty": b'{\n  "metadata"',
    "array": b"[" + EVENT,
    "array, pretty": b"[\n  {",
    "empty array": b"[]\n",
    "array of texts": b'["a"]',
    "mark": b"\xef\xbb\xbf" + EVENT,
    "white space before": b"\r\n\t " + EVENT,
    "nothing": b"",
    "blank lines": b"\n\n",
    "cut": b"{",
    "cut after a bracket": b"[\n ",
    "event as text": json.dumps(EVENT.decode()).encode(),
    "text that is cut": b'"' + b"a" * 2000,
    "number": b"12\n{}",
    "null": b"null\n",
    "token": TOKEN,
    "token and a line feed": TOKEN + b"\n",
    "token that is cut": TOKEN[:20],
    "token with a long header": unsigned(EVENT)[:10] + b"A" * 2000,
    "UTF-16 with a mark": EVENT.decode().encode("utf-16"),
    "UTF-16": EVENT.decode().encode("utf-16-le"),
    "UTF-32": EVENT.decode().encode("utf-32"),
}
NO_EVENTS = {
    "prose": b"The events of July.\n",
    "one word": b"true story\n",
    "Markdown": b"# Events\n",
    "HTML": b"<!doctype html>",
    "CSV": b"event_name,user_id\n",
    "CSV of numbers": b"1,2,3\n",
    "CSV of texts": b'"a","b"\n',
    "log": b"2024-07-30T19:04:35Z INFO {}\n",
    "date": b"2024-07-30\n",
    "YAML": b"metadata:\n",
    "YAML document": b"---\n",
    "INI": b"[section]\n",
    "INI with a word of JSON": b"[trues]\n",
    "style sheet": b"{color: red}",
    "template": b"{{ name }}",
    "Python": b"{'metadata': {}}",
    "zip": b"PK\x03\x04",
    "PNG": b"\x89PNG\r\n\x1a\n",
    "ELF": b"\x7fELF",
    "words with points": b"www.example.com",
    "words with two points": b"eyeball.example.com",
    "base64": b"SGVsbG8gd29ybGQ=",
    "prose in UTF-16": "The events".encode("utf-16"),
}


@pytest.mark.parametrize("head", MAY_BE_EVENTS.values(), ids=MAY_BE_EVENTS)
def test_what_may_be_events(head: bytes) -> None:
    assert begins_like_events(head)


@pytest.mark.parametrize("head", NO_EVENTS.values(), ids=NO_EVENTS)
def test_what_is_none(head: bytes) -> None:
    assert not begins_like_events(head)


def found(*arguments: str) -> tuple[list[str], list[str]]:
    """Return the names of the sources, and what was passed over."""
    passed_over = PassedOver()
    sources = list(locate(arguments, passed_over))
    assert not [source for source in sources if isinstance(source, SourceError)]
    assert passed_over.count == len(passed_over.first)
    return [source.name for source in sources if isinstance(source, Source)], passed_over.first


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "f/2024/07/30/stream-1-2024": EVENT,
        "f/2024/07/30/stream-2": gzip.compress(EVENT),
        "f/2024/07/31/stream.1": bz2.compress(EVENT),
        "f/2024/07/31/tokens.txt": TOKEN,
        "f/README.md": b"# Events\n",
        "f/notes.gz": gzip.compress(b"The events of July\n"),
        "f/broken.json": b"no JSON, but a name that says so",
        "f/packed.jsonl.xz": lzma.compress(b"no JSON"),
        "f/.hidden": EVENT,
        "f/.git/config.json": EVENT,
        "f/damaged": gzip.compress(EVENT)[:12],
        "f/empty": b"",
    }
    for name, content in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    monkeypatch.chdir(tmp_path)
    return tmp_path


TAKEN = [
    "f/broken.json",
    "f/damaged",
    "f/empty",
    "f/packed.jsonl.xz",
    "f/2024/07/30/stream-1-2024",
    "f/2024/07/30/stream-2",
    "f/2024/07/31/stream.1",
    "f/2024/07/31/tokens.txt",
]


@pytest.mark.parametrize("argument", ["f", "f/", "f/**"])
def test_a_folder_is_taken_by_content(folder: Path, argument: str) -> None:
    assert found(argument) == (TAKEN, ["f/README.md (no JSON)", "f/notes.gz (no JSON)"])


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("f/*.md", ["f/README.md"]),
        ("f/2024/*", TAKEN[4:]),
        ("f/2024/*/30/*", TAKEN[4:6]),
        ("f/*/stream*", []),
        ("f/**/stream*", TAKEN[4:7]),
        ("f/**/07", TAKEN[4:]),
        ("f/*/0[67]/", TAKEN[4:]),
        ("**/3[0-9]/**", TAKEN[4:]),
        ("f/**/30/stream-?", TAKEN[5:6]),
    ],
)
def test_patterns(folder: Path, pattern: str, names: list[str]) -> None:
    if names:
        assert found(pattern) == (names, [])
    else:
        (error,) = locate([pattern])
        assert str(error) == f"{pattern}: no file matches this pattern"


@pytest.mark.parametrize("argument", ["odd", "odd/*", "odd/**"])
def test_what_is_no_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argument: str) -> None:
    monkeypatch.chdir(tmp_path)
    Path("odd").mkdir()
    os.mkfifo("odd/a.ndjson")
    Path("odd/b").symlink_to("/dev/zero")
    Path("odd/d").write_bytes(EVENT)
    Path("odd/e").symlink_to("d")
    Path("odd/nothing").symlink_to("absent")
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind("odd/c.json")
        names, passed_over = found(argument)
    assert names == ["odd/d", "odd/e"]
    assert sorted(name.split()[0] for name in passed_over if "nothing" not in name) == [
        "odd/a.ndjson",
        "odd/b",
        "odd/c.json",
    ]


@pytest.mark.parametrize("pattern", ["**", "**/*", "**/*.ndjson", "*", "sub/*", "sub/**"])
@pytest.mark.parametrize("target", [".", "..", "other", "../../elsewhere"])
def test_a_pattern_finds_no_file_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, target: str
) -> None:
    for folder in ("here/sub/other", "elsewhere"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.ndjson").write_bytes(EVENT)
    monkeypatch.chdir(tmp_path / "here")
    Path("sub/link").symlink_to(target)
    names, _ = found(pattern)
    assert names
    assert len({os.path.realpath(name) for name in names}) == len(names)


def test_many_are_counted() -> None:
    passed_over = PassedOver()
    for number in range(1000):
        passed_over.add(f"f{number}", "no JSON")
    assert str(passed_over) == "passed over 1,000 files: " + "".join(f"f{n} (no JSON), " for n in range(5)) + "…"


def test_a_prefix_is_a_folder() -> None:
    import fsspec

    memory = fsspec.filesystem("memory")
    files = {
        "2024/07/30/stream-1": EVENT,
        "2024/07/30/stream-2": gzip.compress(EVENT),
        "2024/07/31/a.json": b"oops",
        "2024/07/31/note": b"A note",
        "2024/07/.hidden/x": EVENT,
        "2024/08/01/stream-3": EVENT,
    }
    for name, content in files.items():
        memory.pipe(f"/fire/{name}", content)
    july = [f"memory:///fire/2024/07/{name}" for name in ("30/stream-1", "30/stream-2", "31/a.json")]
    note = ["memory:///fire/2024/07/31/note (no JSON)"]
    try:
        assert found("memory://fire/2024/07/") == (july, note)
        assert found("memory://fire/2024/07/*") == (july, note)
        assert found("memory://fire/2024/07/**") == (july, note)
        assert found("memory://fire/2024/0[67]/") == (july, note)
        assert found("memory://fire/2024/*/30/*") == (july[:2], [])
        assert found("memory://fire/*/*/31/*") == ([july[2], note[0].split()[0]], [])
        assert found("memory://fire/**/stream-*")[0] == [*july[:2], "memory:///fire/2024/08/01/stream-3"]
        (error,) = locate(["memory://fire/*.json"])
        assert "no file matches this pattern" in str(error)
    finally:
        memory.rm("/fire", recursive=True)


CEVENTS = (sys.executable, "-m", "canvas_events_cli")
OWN = {
    "named": ("a.ndjson", 2, "a.ndjson: standard output or standard error goes to this file"),
    "named by a link": ("link", 2, "link: standard output or standard error goes to this file"),
    "named by an address": ("file://{here}/a.ndjson", 2, "a.ndjson: standard output or standard error"),
    "standard input": ("-", 2, "<stdin>: standard output or standard error goes to this file"),
    "in a folder": (".", 0, "passed over 2 files: ./a.ndjson (this command writes it)"),
    "by a pattern": ("*.ndjson", 0, "passed over 1 file: a.ndjson (this command writes it)"),
}


@pytest.mark.parametrize(
    ("name", "redirection"),
    [*((name, ">> a.ndjson") for name in OWN), *((name, "2>> a.ndjson") for name in ("named", "in a folder"))],
)
def test_what_the_command_writes_is_no_source(tmp_path: Path, name: str, redirection: str) -> None:
    source, code, said = OWN[name]
    (tmp_path / "a.ndjson").write_bytes(EVENT * 3)
    (tmp_path / "b.ndjson").write_bytes(EVENT * 2)
    (tmp_path / "link").symlink_to("a.ndjson")
    script = f'"$@" b.ndjson < a.ndjson {redirection}'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *CEVENTS, "filter", source.replace("{here}", str(tmp_path))],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        capture_output=True,
        check=False,
    )
    written = (tmp_path / "a.ndjson").read_bytes()
    assert done.returncode == code
    assert said.encode() in done.stderr + written
    events = (written + done.stdout).count(EVENT) - 3
    assert events == (2 if code else 4)


def test_a_fifo_in_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(EVENT)
    os.mkfifo(tmp_path / "fifo.ndjson")
    done = subprocess.run([*CEVENTS, "filter", "-c", tmp_path], capture_output=True, text=True, check=False, timeout=60)
    told = f"cevents: passed over 1 file: {tmp_path}/fifo.ndjson (a pipe, socket or device)\n"
    assert (done.stdout, done.stderr, done.returncode) == ("1\n", told, 0)
