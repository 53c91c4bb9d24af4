"""What Windows has not, and has in another way, as far as that can be tried elsewhere."""

import ntpath
import os
import subprocess
import sys
from io import FileIO
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest
from processes import INVALID, VALID

from canvas_events_cli.catalog import folder
from canvas_events_cli.errors import CeventsError, ClosedPipe
from canvas_events_cli.outputs import told_as
from canvas_events_cli.rendering import validation_ci
from canvas_events_cli.sources import blocks
from canvas_events_cli.sources.source import Source

ROOT = Path(__file__).parents[2]
WITHOUT = """
import os, runpy, signal, sys
from multiprocessing import connection, context, popen_spawn_posix, resource_tracker, spawn
folder, *arguments = sys.argv[1:]
os._exit = sys.exit  # the command runs twice in this process
def run(*arguments):
    sys.argv[1:] = arguments
    try:
        runpy.run_module("canvas_events_cli", run_name="__main__", alter_sys=True)
    except SystemExit as exit:
        return exit.code
run("validate", f"{folder}/small.ndjson")  # has the modules of Python's own imported, which are Linux's
for name in [name for name in sys.modules if name.startswith("canvas_events_cli")]:
    del sys.modules[name]
for name in ("fcntl", "resource", "termios", "tty", "pwd", "grp"):
    sys.modules[name] = None
absent = {
    signal: ("SIGPIPE", "SIGHUP", "SIGALRM", "SIGUSR1", "SIGCHLD", "pthread_sigmask", "setitimer"),
    os: ("fork", "sched_getaffinity", "fchmod", "fchown", "getuid", "geteuid", "mkfifo", "pread", "killpg", "getpgid"),
    context: ("ForkContext", "ForkServerContext", "ForkProcess"),
}
for module, names in absent.items():
    for name in names:
        delattr(module, name)
resource_tracker._HAVE_SIGMASK = False
sys.platform = "win32"
sys.exit(run(*arguments))
"""
"""Runs the command where a platform lacks what Windows does."""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_without_what_windows_lacks(tmp_path: Path, jobs: str) -> None:
    (tmp_path / "small.ndjson").write_bytes(VALID)
    large = tmp_path / "large.ndjson"
    large.write_bytes(VALID * (17 * 1024 * 1024 // len(VALID)) + INVALID)
    output = tmp_path / "report.json"
    arguments = ["validate", "-q", "-j", jobs, "-o", f"json={output}", str(large)]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT, str(tmp_path), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    assert '"invalid":1' in output.read_text().replace(" ", "")


@pytest.fixture
def _windows_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    here = SimpleNamespace(
        sep="\\",
        pardir="..",
        path=ntpath,
        fsencode=os.fsencode,
        getcwd=lambda: "C:\\work\\repository",
        environ={},
    )
    monkeypatch.setattr(validation_ci, "os", here)
    monkeypatch.setattr(folder, "os", here)
    monkeypatch.setattr(folder, "Path", PureWindowsPath)


@pytest.mark.usefixtures("_windows_paths")
@pytest.mark.parametrize(
    ("source", "place", "uri"),
    [
        ("captures\\a b.ndjson", "captures/a b.ndjson", "captures/a%20b.ndjson"),
        (".\\captures\\a.ndjson", "captures/a.ndjson", "captures/a.ndjson"),
        ("C:\\work\\repository\\a\\b.ndjson", "a/b.ndjson", "a/b.ndjson"),
        ("D:\\a b.ndjson", "D:/a b.ndjson", "file:///D:/a%20b.ndjson"),
        ("\\\\server\\share\\a.ndjson", "//server/share/a.ndjson", "file://server/share/a.ndjson"),
        ("https://host.example/a.ndjson", "https://host.example/a.ndjson", "https://host.example/a.ndjson"),
    ],
)
def test_places_of_findings(source: str, place: str, uri: str) -> None:
    assert validation_ci.place_of(source) == place
    assert validation_ci.source_uri(source) == uri


@pytest.mark.usefixtures("_windows_paths")
@pytest.mark.parametrize("path", ["C:\\schemas\\a b.json", "\\\\server\\share\\schemas\\a.json"])
def test_schema_files_are_found_by_their_uris(path: str) -> None:
    uri = PureWindowsPath(path).as_uri()
    assert folder._place(uri, uri, Path()) == PureWindowsPath(path)


def test_a_closed_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    for platform, kind in (("win32", ClosedPipe), ("linux", CeventsError)):
        monkeypatch.setattr(sys, "platform", platform)
        with pytest.raises(kind), told_as("cannot write"):
            raise OSError(22, "Invalid argument")


def test_whether_a_pipe_has_something_to_read(monkeypatch: pytest.MonkeyPatch) -> None:
    answers: list[object] = [(0, 0), (7, 0), (0, 0), OSError(109, "The pipe has been ended")]

    def peek(handle: int) -> object:
        answer = answers.pop(0)
        if isinstance(answer, OSError):
            raise answer
        return answer

    monkeypatch.setitem(sys.modules, "_winapi", SimpleNamespace(PeekNamedPipe=peek))
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(get_osfhandle=lambda descriptor: descriptor + 1))
    reading, writing = os.pipe()
    with FileIO(reading) as pipe, FileIO(writing, "w"):
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=SimpleNamespace(raw=pipe)))
        monkeypatch.setattr(sys, "platform", "win32")
        stdin = Source("<stdin>")
        assert blocks.is_waiting(stdin, 60)
        assert not blocks.is_waiting(stdin, 0)
        assert blocks.is_waiting(stdin, 0)
    assert not answers
