"""Runs every transcript: files written, a command run, exit code and both streams compared."""

import copy
import io
import json
import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from in_process import NoInterrupts

from canvas_events_cli import pointers
from canvas_events_cli.cli import app

HERE = Path(__file__).parents[1]
SAMPLES = HERE.parent / "samples"
EXAMPLE = json.loads((HERE / "example.json").read_text())
CASES = sorted((Path(__file__).parent / "transcripts").rglob("*.txt"))
VALIDATE_CASES = [case for case in CASES if case.parent.name == "validate"]
_TIMING = re.compile(rb"\d+\.\d\d s, [\d,]+ events/s")


@dataclass
class Transcript:
    about: str
    sections: list[tuple[str, str]] = field(default_factory=list)

    def section(self, name: str) -> str | None:
        return next((text for head, text in self.sections if head == name), None)

    def replace(self, name: str, text: str) -> None:
        self.sections = [(head, body) for head, body in self.sections if head != name]
        if text:
            self.sections.append((name, text))


def read(path: Path) -> Transcript:
    about, *sections = re.split(r"^=== (.*)\n", path.read_text(), flags=re.MULTILINE)
    return Transcript(about.strip(), list(zip(sections[::2], sections[1::2], strict=True)))


def write(path: Path, transcript: Transcript) -> None:
    sections = "".join(f"=== {head}\n{text}" for head, text in transcript.sections)
    path.write_text(f"{transcript.about}\n{sections}")


def unescape(text: str) -> bytes:
    return re.sub(rb"\\(\\|x([0-9a-f]{2}))", lambda m: b"\\" if m[2] is None else bytes([int(m[2], 16)]), text.encode())


def escape(data: bytes) -> str:
    text = data.replace(b"\\", b"\\\\").decode("utf-8", "backslashreplace")
    return re.sub(r"[\r\x1b]", lambda match: f"\\x{ord(match[0]):02x}", text)


def edited(edits: str) -> bytes:
    event = copy.deepcopy(EXAMPLE)
    for edit in edits.split(" ; "):
        verb, _, rest = edit.partition(" ")
        pointer, _, argument = rest.partition(" ")
        if verb == "as":
            continue
        *parents, last = pointers.split(pointer)
        parent = pointers.resolve(event, parents)
        assert isinstance(parent, dict), edit
        if verb == "set":
            parent[last] = json.loads(argument)
        elif verb == "drop":
            del parent[last]
        elif verb == "rename":
            parent[argument] = parent.pop(last)
        else:
            raise ValueError(edit)
    return json.dumps(event).encode() + b"\n"


def prepare(transcript: Transcript, folder: Path) -> None:
    for head, text in transcript.sections:
        kind, _, name = head.partition(" ")
        path = folder / name
        if kind in {"events", "file", "copy"}:
            path.parent.mkdir(parents=True, exist_ok=True)
        if kind == "events":
            path.write_bytes(b"".join(edited(line) for line in text.splitlines()))
        elif kind == "file":
            path.write_bytes(unescape(text))
        elif kind == "copy":
            shutil.copy(SAMPLES / name, path)


def run(transcript: Transcript, folder: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Run the transcript's command in this process, which starts much faster, with streams of its own."""
    prepare(transcript, folder)
    program, *arguments = shlex.split(transcript.section("run") or "")
    stdin, stdout, stderr = (io.TextIOWrapper(io.BytesIO(data), "utf-8") for data in (stdin_of(transcript), b"", b""))
    with monkeypatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("COLUMNS", "100")
        patch.delenv("NO_COLOR", raising=False)
        patch.delenv("FORCE_COLOR", raising=False)
        for name, stream in (("stdin", stdin), ("stdout", stdout), ("stderr", stderr)):
            patch.setattr(sys, name, stream)
        patch.setattr(sys, "argv", [program, *arguments])
        code = app.run(NoInterrupts())
        stdout.flush()
        stderr.flush()
    said = _TIMING.sub(b"0.00 s, 0 events/s", stderr.buffer.getvalue()).replace(os.fsencode(folder), b"FOLDER")
    return {"exit": f"{code}\n", "stdout": escape(stdout.buffer.getvalue()), "stderr": escape(said)}


def stdin_of(transcript: Transcript) -> bytes:
    return unescape(transcript.section("stdin") or "")


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_transcript(
    path: Path, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    transcript = read(path)
    got = run(transcript, tmp_path, monkeypatch)
    if request.config.getoption("--update-golden"):
        for name, text in got.items():
            transcript.replace(name, text)
        write(path, transcript)
    assert got == {name: transcript.section(name) or "" for name in got}, transcript.about


@pytest.mark.parametrize("path", VALIDATE_CASES, ids=lambda path: path.stem)
def test_same_without_the_rust_engine(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    transcript = read(path)
    got = run(transcript, tmp_path, monkeypatch)
    assert got == {name: transcript.section(name) or "" for name in got}, transcript.about
