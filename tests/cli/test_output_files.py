"""Files that the command writes: never one that it reads, and whole or not at all."""

import contextlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from in_process import cevents

from canvas_events_cli.errors import CeventsError

CEVENTS = (sys.executable, "-m", "canvas_events_cli")
EVENT = json.loads((Path(__file__).parents[1] / "example.json").read_text())
EVENTS = json.dumps(EVENT).encode() + b"\noops\n"
BEFORE = b"an earlier run's\n"
ENVELOPE = {"properties": {"metadata": {"$ref": "parts/metadata.json"}}}
REFERRED = {"$ref": "more.json"}


NO_BYTECODE = {"PYTHONDONTWRITEBYTECODE": "1"}
"""Where files may not grow, Python leaves half of it for the next process."""


def run(
    folder: Path, *arguments: str, unbuffered: str = "", before: Callable[[], object] | None = None
) -> tuple[int, str]:
    done = subprocess.run(
        [*CEVENTS, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONUNBUFFERED": unbuffered} | NO_BYTECODE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=before,
        check=False,
    )
    return done.returncode, done.stderr.decode()


def refused(folder: Path, *arguments: str) -> str:
    """Return why the command has refused to run, and written nothing."""
    before = contents(folder)
    with contextlib.chdir(folder), pytest.raises(CeventsError) as caught:
        cevents(*arguments)
    assert contents(folder) == before
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in {
        "captures/events.json": EVENTS,
        "schemas/envelope.json": json.dumps(ENVELOPE).encode(),
        "schemas/parts/metadata.json": json.dumps(REFERRED).encode(),
        "schemas/parts/more.json": b"{}",
        "schemas/bodies/course_created.json": b"{}",
        "keys.json": b'{"keys": []}',
        "old.json": BEFORE,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    (tmp_path / "symbolic").symlink_to("captures/events.json")
    (tmp_path / "twice").symlink_to("symbolic")
    os.link(tmp_path / "captures" / "events.json", tmp_path / "hard")
    os.link(tmp_path / "schemas" / "parts" / "more.json", tmp_path / "schema link")
    return tmp_path


WRITES = {
    "validate": lambda path: ("validate", "-o", f"json={path}"),
    "validate, lines": lambda path: ("validate", "-o", "text", "-o", f"jsonl={path}"),
    "filter": lambda path: ("filter", "--rejects", path),
    "scrub": lambda path: ("scrub", "--rejects", path),
}
SOURCES = {
    "same name": ("captures/events.json", "captures/events.json"),
    "symbolic link": ("symbolic", "captures/events.json"),
    "symbolic link to one": ("twice", "captures/events.json"),
    "hard link": ("hard", "captures/events.json"),
    "source is the link": ("captures/events.json", "twice"),
    "in a folder": ("captures/events.json", "captures"),
    "link to one in a folder": ("hard", "captures"),
    "by a glob": ("captures/events.json", "*/*.json"),
    "by a glob across folders": ("twice", "**/*.json"),
}


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("command", ["validate", "filter"])
@pytest.mark.parametrize(("path", "source"), SOURCES.values(), ids=SOURCES)
def test_no_source_is_written_over(folder: Path, command: str, path: str, source: str) -> None:
    message = refused(folder, *WRITES[command](path), source)
    assert f"{path}: this is " in message
    assert "which is read: name another file" in message


SCHEMAS = {
    "folder": ("schemas/envelope.json", "--schemas", "schemas"),
    "folder, body": ("schemas/bodies/course_created.json", "--schemas", "schemas"),
    "folder, referred to": ("schemas/parts/more.json", "--schemas", "schemas"),
    "envelope": ("schemas/envelope.json", "--envelope", "schemas/envelope.json"),
    "envelope, referred to": ("schemas/parts/metadata.json", "--envelope", "schemas/envelope.json"),
    "envelope, referred to from there, by a link": ("schema link", "--envelope", "schemas/envelope.json"),
    "body": ("schemas/envelope.json", "--body", "schemas/envelope.json"),
    "body of an event": ("schemas/parts/more.json", "--body", "logged_in=schemas/envelope.json"),
}


@pytest.mark.parametrize("command", WRITES)
@pytest.mark.parametrize(("path", "option", "value"), SCHEMAS.values(), ids=SCHEMAS)
def test_no_schema_is_written_over(folder: Path, command: str, path: str, option: str, value: str) -> None:
    assert f"{path}: this is the schema " in refused(folder, *WRITES[command](path), option, value, "captures")


@pytest.mark.parametrize("command", ["validate", "filter"])
def test_no_file_of_keys_is_written_over(folder: Path, command: str) -> None:
    assert "this is the keys keys.json" in refused(
        folder, *WRITES[command]("keys.json"), "--jwks", "keys.json", "captures"
    )


def test_standard_input_is_not_written_over(folder: Path) -> None:
    path = folder / "captures" / "events.json"
    with path.open("rb") as stdin:
        done = subprocess.run([*CEVENTS, "filter", "--rejects", path], stdin=stdin, capture_output=True, check=False)
    assert (done.returncode, path.read_bytes()) == (2, EVENTS)


def test_what_is_not_read_is_written(folder: Path) -> None:
    (folder / "schemas" / "notes.txt").write_bytes(BEFORE)
    (folder / "envelope.json").write_bytes(b"{}")
    code, stderr = run(folder, "validate", "--envelope", "envelope.json", "-o", "json=schemas/notes.txt", "captures")
    assert (code, stderr.count("cevents:")) == (1, 0)
    assert json.loads((folder / "schemas" / "notes.txt").read_bytes())["malformed"] == 1


@pytest.mark.parametrize("other", ["out", "./out", "link", "hard out"])
def test_two_outputs_do_not_share_a_file(folder: Path, other: str) -> None:
    (folder / "out").write_bytes(BEFORE)
    (folder / "link").symlink_to("out")
    os.link(folder / "out", folder / "hard out")
    assert "-o json=out writes to this file too" in refused(
        folder, "validate", "-o", "json=out", "-o", f"sarif={other}", "captures"
    )


WRITTEN = {"validate": b'{\n  "events": 2', "validate, lines": b'{"source":', "filter": b"oops\n", "scrub": b"oops\n"}


@pytest.mark.parametrize(
    ("command", "before"), [*((command, None) for command in WRITES), ("validate", BEFORE), ("filter", BEFORE)]
)
def test_a_file_is_written(folder: Path, command: str, before: bytes | None) -> None:
    path = folder / "out.json"
    if before is not None:
        path.write_bytes(before)
        path.chmod(0o640)
        os.chown(path, -1, os.getgid())
    known = set(os.listdir(folder)) | {"out.json"}
    code, _ = run(folder, *WRITES[command]("out.json"), "captures", "missing.json", before=lambda: os.umask(0o027))
    assert code == 2, "of the missing source, which stops nothing"
    assert path.read_bytes().startswith(WRITTEN[command])
    assert path.stat().st_mode & 0o777 == 0o640
    assert set(os.listdir(folder)) == known


def test_a_symbolic_link_stays_one(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "to old").symlink_to("old.json")
    (folder / "to new").symlink_to("elsewhere/new.json")
    for name, target in (("to old", "old.json"), ("to new", "elsewhere/new.json")):
        run(folder, "filter", "--rejects", name, "captures")
        assert (folder / name).is_symlink()
        assert (folder / target).read_bytes() == b"oops\n"


@pytest.mark.parametrize("path", ["/dev/stdout", "/proc/self/fd/1", "out"])
def test_standard_output_by_another_name(folder: Path, path: str) -> None:
    """A regular file behind it is written on, not replaced: the shell's own lines come before and after."""
    script = f'echo before > out; "$@" --rejects {path} -c captures >> out; echo after >> out'
    done = subprocess.run(["bash", "-c", script, "bash", *CEVENTS, "filter"], cwd=folder, check=False)
    assert (folder / "out").read_bytes() in (b"before\noops\n1\nafter\n", b"before\n1\noops\nafter\n")
    assert done.returncode == 0


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_pipes_are_written_as_they_are(folder: Path, unbuffered: str) -> None:
    os.mkfifo(folder / "fifo")
    received: list[bytes] = []
    reader = threading.Thread(target=lambda: received.append((folder / "fifo").read_bytes()))
    reader.start()
    script = (
        '"$@" --rejects fifo captures > /dev/null && "$@" --rejects >(cat > substitution) captures | cat > /dev/null'
    )
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    subprocess.run(["bash", "-c", script, "bash", *CEVENTS, "filter"], cwd=folder, env=environment, check=False)
    reader.join()
    assert received == [b"oops\n"]
    assert (folder / "fifo").is_fifo()


def test_a_device_takes_any_number(folder: Path) -> None:
    code, stderr = run(folder, "validate", "-o", "json=/dev/null", "-o", "sarif=/dev/null", "captures", "/dev/null")
    assert (code, stderr.count("cevents:")) == (1, 0)


@pytest.mark.parametrize(
    ("command", "number"), [("validate", signal.SIGINT), ("scrub", signal.SIGINT), ("filter", signal.SIGTERM)]
)
def test_what_was_there_stays_when_the_command_is_stopped(folder: Path, command: str, number: int) -> None:
    known = set(os.listdir(folder))
    process = subprocess.Popen(
        [*CEVENTS, *WRITES[command]("old.json"), "-"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.getcwd()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(EVENT).encode() + b"\n{\noops\n" * 3)
    process.stdin.flush()
    while set(os.listdir(folder)) == known and process.poll() is None:  # until it writes
        pass
    process.send_signal(number)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 128 + number
    assert b"Traceback" not in stderr
    assert (folder / "old.json").read_bytes() == BEFORE
    assert set(os.listdir(folder)) == known


def limited_to(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


FULL = {
    "findings": ("validate", "-o", "json=old.json"),
    "lines of findings": ("validate", "-o", "jsonl=old.json", "--max-findings", "0"),
    "rejects": ("filter", "--rejects", "old.json"),
    "rejects of scrub": ("scrub", "--rejects", "old.json"),
    "events that wait": ("filter", "--sort", "time"),
    "events that wait to be shown": ("show", "--sort", "time"),
    "proposed schemas": ("drift", "--write", "new"),
}


@pytest.mark.parametrize(
    ("unbuffered", "arguments"), [("1" * (number % 2), words) for number, words in enumerate(FULL.values())], ids=FULL
)
def test_a_full_disk_is_an_error(folder: Path, arguments: tuple[str, ...], unbuffered: str) -> None:
    (folder / "many.ndjson").write_bytes(EVENTS * 1000)
    before = contents(folder)
    code, stderr = run(folder, *arguments, "many.ndjson", unbuffered=unbuffered, before=limited_to(1000))
    assert code == 2
    assert stderr.startswith("cevents: ")
    assert "File too large" in stderr
    assert "Traceback" not in stderr
    assert contents(folder) == before
    assert not (folder / "new").exists()


@pytest.mark.parametrize(("unbuffered", "command"), [("", "filter"), ("1", "scrub"), ("", "show")])
def test_standard_output_that_fills_the_disk_is_an_error(folder: Path, command: str, unbuffered: str) -> None:
    (folder / "many.ndjson").write_bytes(EVENTS * 1000)
    with (folder / "out").open("wb") as out:
        done = subprocess.run(
            [*CEVENTS, command, "many.ndjson"],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": os.getcwd(), "PYTHONUNBUFFERED": unbuffered} | NO_BYTECODE,
            stdout=out,
            stderr=subprocess.PIPE,
            preexec_fn=limited_to(100_000),
            check=False,
        )
    assert done.returncode == 2
    assert b"cevents: cannot write to standard output: File too large" in done.stderr
    assert (folder / "out").stat().st_size == 100_000, "all that there was room for"


@pytest.mark.parametrize("before", [None, "empty"])
def test_no_half_folder(folder: Path, before: str | None) -> None:
    """Until the schemas are all there, nothing is."""
    if before:
        (folder / "new").mkdir()
    code, _ = run(folder, "drift", "--write", "new", "captures", "missing.json")
    assert code == 2
    assert not any((folder / "new").iterdir()) if before else not (folder / "new").exists()
    code, _ = run(folder, "drift", "--write", "new", "captures")
    assert code == 0
    assert {"envelope.json", "bodies", "caliper", "definitions"} >= set(os.listdir(folder / "new")) > {"bodies"}


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on a file system of 64 KiB, where this user may make one."""
    place = tmp_path / "tiny"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can make a file system")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("name", ["rejects", "events that wait", "proposed schemas"])
def test_a_file_system_that_is_full_is_an_error(
    folder: Path, tiny_disk: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "many.ndjson").write_bytes(EVENTS + (b"oops\n" * 20 + json.dumps(EVENT).encode() + b"\n") * 1000)
    (tiny_disk / "old.json").write_bytes(BEFORE)
    monkeypatch.setenv("TMPDIR", str(tiny_disk))
    places = [word.replace("old.json", "tiny/old.json").replace("new", "tiny/new") for word in FULL[name]]
    if name == "proposed schemas":
        (tiny_disk / "much").write_bytes(bytes(60 * 1024))
    before = contents(tiny_disk)
    code, stderr = run(folder, *places, "many.ndjson")
    assert (code, "No space left on device" in stderr, "Traceback" in stderr) == (2, True, False)
    assert contents(tiny_disk) == before
