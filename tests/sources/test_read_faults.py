"""What can go wrong while a source is read, and what must not be mistaken for its end."""

import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from canvas_events_cli.sources.blocks import BLOCK_BYTES, read_blocks
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source, SourceError

STDIN = Source("<stdin>")
NOBODY = 65534


def file_source(path: Path) -> Source:
    return Source(path.name, path)


def read_until_it_fails(blocks: Iterator[bytes]) -> tuple[bytes, str]:
    """Return what *blocks* gives, and the message of the error that must end it."""
    output = bytearray()
    try:
        for block in blocks:
            output += block
    except SourceError as error:
        return bytes(output), str(error)
    pytest.fail("it was read to its end")


def message_of(source: Source) -> str:
    return read_until_it_fails(read_blocks(source))[1]


@pytest.fixture
def unprivileged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Return a function after which permissions apply, for root as well; work in a folder that all may enter."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o755)
    # What leads to the folder stays root's own: only relative paths are of use to another user.
    monkeypatch.chdir(folder)
    is_root = os.geteuid() == 0
    yield lambda: os.seteuid(NOBODY) if is_root else None
    if is_root:
        os.seteuid(0)


@pytest.fixture
def pipe_as_stdin(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Make a pipe standard input; gives the descriptor of its writing end, which the test closes."""
    reading, writing = os.pipe()
    with open(reading) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield writing


@contextmanager
def soon(action: Callable[[], object]) -> Iterator[None]:
    """Run *action* in a signal handler, in the middle of whatever the body waits for."""
    before = signal.signal(signal.SIGALRM, lambda *_: action())
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_unreadable_file(unprivileged: Callable[[], None]) -> None:
    for name, mode in (("open.ndjson", 0o644), ("locked.ndjson", 0)):
        Path(name).write_bytes(b"{}\n")
        Path(name).chmod(mode)
    unprivileged()
    assert list(read_blocks(file_source(Path("open.ndjson")))) == [b"{}\n"]
    assert message_of(file_source(Path("locked.ndjson"))) == "locked.ndjson: cannot read: Permission denied"


def test_directory_without_permission(unprivileged: Callable[[], None]) -> None:
    for name in ("captures/a.ndjson", "captures/locked/b.ndjson", "captures/z.ndjson"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"{}\n")
    Path("captures").chmod(0o755)
    Path("captures/locked").chmod(0)
    unprivileged()
    found = list(locate(["captures"]))
    assert [source.name for source in found if isinstance(source, Source)] == ["captures/a.ndjson", "captures/z.ndjson"]
    assert [str(error) for error in found if isinstance(error, SourceError)] == [
        "captures/locked: cannot list this directory: Permission denied"
    ]


@pytest.mark.parametrize("argument", ["locked/capture.ndjson", "locked/*.ndjson", "open.ndjson/capture.ndjson"])
def test_file_that_cannot_be_reached(argument: str, unprivileged: Callable[[], None]) -> None:
    Path("open.ndjson").write_bytes(b"{}\n")
    Path("locked").mkdir(mode=0)
    unprivileged()
    (source,) = locate([argument])
    reason = "Permission denied" if argument.startswith("locked") else "Not a directory"
    assert isinstance(source, Source)
    assert message_of(source) == f"{argument}: cannot read: {reason}"


def test_empty_argument_is_not_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "capture.ndjson").write_bytes(b"{}\n")
    monkeypatch.chdir(tmp_path)
    (source,) = locate([""])
    assert isinstance(source, SourceError)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_other_encodings_without_a_mark(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes('{"body": 1}\n'.encode(encoding))
    assert "this is UTF-16 or UTF-32" in message_of(file_source(path))


@pytest.mark.parametrize("content", [b"[\0]", b"\0{}\n", b"5\0\n", b"{\0}\n{}\n"], ids=repr)
def test_stray_zero_is_no_encoding(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(content)
    assert b"".join(read_blocks(file_source(path))) == content


def test_directory_in_place_of_a_file(tmp_path: Path) -> None:
    assert message_of(Source("capture.ndjson", tmp_path)) == "capture.ndjson: cannot read: Is a directory"


def test_file_that_is_gone(tmp_path: Path) -> None:
    assert message_of(file_source(tmp_path / "gone")) == "gone: cannot read: No such file or directory"


def test_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with closing(socket.socket(socket.AF_UNIX)) as listening:
        listening.bind("events")
        assert message_of(Source("events", Path("events"))) == "events: cannot read: No such device or address"


def test_read_error() -> None:
    # Nothing is mapped at address 0, so the first read fails as that of a broken disk does.
    assert message_of(Source("memory", Path("/proc/self/mem"))) == "memory: cannot read: Input/output error"


class BreakingInput:
    """A standard input whose disk breaks after some blocks."""

    def __init__(self, *blocks: bytes) -> None:
        self.buffer = self
        self._blocks = list(blocks)

    def read(self, size: int) -> bytes:
        if not self._blocks:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return self._blocks.pop(0)


@pytest.mark.parametrize("blocks", [(b"[",), (b"{}",), (b"{}\n", b'{"a"'), (b"\x1f",)], ids=repr)
def test_read_error_in_the_middle_loses_nothing(blocks: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", BreakingInput(*blocks))
    assert read_until_it_fails(read_blocks(STDIN)) == (b"".join(blocks), "<stdin>: cannot read: Input/output error")


@pytest.mark.parametrize("left", [0, 1, BLOCK_BYTES // 2, BLOCK_BYTES + 1])
def test_file_truncated_while_read(tmp_path: Path, left: int) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(b"{}\n" * BLOCK_BYTES)
    size = path.stat().st_size
    blocks = read_blocks(file_source(path))
    first = next(blocks)
    os.truncate(path, left)
    rest, message = read_until_it_fails(blocks)
    assert len(first + rest) == max(len(first), left)
    assert message.startswith(
        f"capture.ndjson: it shrank from {size} to {left} bytes while it was read, so events may be missing"
    )


def test_file_that_grows_while_read(tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(b"{}\n" * BLOCK_BYTES)
    output = bytearray()
    for block in read_blocks(file_source(path)):
        if not output:
            with path.open("ab") as capture:
                capture.write(b"[]\n")
        output += block
    assert output == b"{}\n" * BLOCK_BYTES + b"[]\n"


def test_file_without_a_size() -> None:
    assert b"".join(read_blocks(Source("version", Path("/proc/version")))) == Path("/proc/version").read_bytes()


def test_reading_that_stops_early_closes_the_file(tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(b"{}\n" * BLOCK_BYTES)
    with closing(read_blocks(file_source(path))) as blocks:  # type: ignore[type-var]
        next(blocks)
        assert str(path) in open_files()
    assert str(path) not in open_files()


def open_files() -> set[str]:
    folder = Path("/proc/self/fd")
    return {os.readlink(link) for link in folder.iterdir() if link.is_symlink()}


def test_fifo(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    os.mkfifo(path)
    writer = threading.Thread(target=path.write_bytes, args=(b"{}\n",))
    writer.start()
    assert list(read_blocks(file_source(path))) == [b"{}\n"]
    writer.join()


def test_empty_device() -> None:
    assert list(read_blocks(Source("nothing", Path("/dev/null")))) == []


def test_endless_device() -> None:
    assert "zeros: this is UTF-16 or UTF-32" in message_of(Source("zeros", Path("/dev/zero")))


def test_standard_input_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    # Python's own sign of it, when it is started with `<&-`.
    monkeypatch.setattr(sys, "stdin", None)
    assert message_of(STDIN) == "<stdin>: standard input is closed: pipe events in, or name a file"


def test_standard_input_that_is_an_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (tmp_path / "output").open("wb") as output, open(os.dup(output.fileno()), closefd=True) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        assert message_of(STDIN) == "<stdin>: cannot read: Bad file descriptor"


def test_standard_input_is_read_as_it_arrives(pipe_as_stdin: int) -> None:
    blocks = read_blocks(STDIN)
    for line in (b'{"a":1}\n', b'{"a":2}\n'):
        os.write(pipe_as_stdin, line)
        assert next(blocks) == line
    os.close(pipe_as_stdin)
    assert list(blocks) == []


@pytest.mark.parametrize("blocking", [True, False])
def test_signal_while_waiting_for_input(pipe_as_stdin: int, blocking: bool) -> None:
    os.set_blocking(sys.stdin.fileno(), blocking)
    blocks = read_blocks(STDIN)
    for line in (b'{"a":1}\n', b'{"a":2}\n'):
        with soon(lambda line=line: os.write(pipe_as_stdin, line)):
            assert next(blocks) == line
    with soon(lambda: os.close(pipe_as_stdin)):
        assert list(blocks) == []


def test_interrupt_while_waiting_for_input(pipe_as_stdin: int) -> None:
    with soon(lambda: signal.raise_signal(signal.SIGINT)), pytest.raises(KeyboardInterrupt):
        next(read_blocks(STDIN))
    os.close(pipe_as_stdin)
