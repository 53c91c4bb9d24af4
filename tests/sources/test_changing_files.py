"""Files that change while they are read: an error, never a mixture; to grow is no change."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from canvas_events_cli.sources import chunks
from canvas_events_cli.sources.blocks import BLOCK_BYTES
from canvas_events_cli.sources.chunks import tasks
from canvas_events_cli.sources.source import Source, SourceError

LINE = b'{"n":1}\n'
OLD = LINE * (3 * BLOCK_BYTES // len(LINE))
NEW = OLD.replace(b"1", b"2")


def replaced(path: Path, content: bytes) -> None:
    (path.parent / "other").write_bytes(content)
    os.replace(path.parent / "other", path)


def rewritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(NEW)


def append(path: Path) -> None:
    with path.open("ab") as file:
        file.write(LINE)


def touch_later(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "replaced by as many bytes": (lambda path: replaced(path, NEW), "it was replaced by another file"),
    "replaced by more": (lambda path: replaced(path, NEW * 2), "it was replaced by another file"),
    "replaced by less": (lambda path: replaced(path, NEW[:100]), "it was replaced by another file"),
    "replaced by the same bytes": (lambda path: replaced(path, OLD), "it was replaced by another file"),
    "moved away, and made anew": (lambda path: (path.rename(f"{path}.1"), path.write_bytes(NEW)), "it was replaced"),
    "rewritten in place": (rewritten, "it was changed"),
    "touched": (touch_later, "it was changed"),
    "cut": (lambda path: os.truncate(path, 2 * BLOCK_BYTES), f"it shrank from {len(OLD)} to {2 * BLOCK_BYTES} bytes"),
    "emptied": (lambda path: path.write_bytes(b""), f"it shrank from {len(OLD)} to 0 bytes"),
}


def read(path: Path, change: Callable[[Path], object], after: int) -> tuple[bytes, str]:
    """Return what is read of *path*, which changes *after* so many blocks, and the error that ends it."""
    output = bytearray()
    try:
        for number, block in enumerate(blocks_of(path), 1):
            output += block
            if number == after:
                change(path)
    except SourceError as error:
        return bytes(output), str(error)
    return bytes(output), ""


def blocks_of(path: Path) -> Iterator[bytes]:
    for task in tasks([Source("capture", path)]):
        for chunk in task:
            yield from chunk.blocks()


@pytest.fixture(params=["whole", "in chunks"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    if request.param == "in chunks":
        monkeypatch.setattr(chunks, "CHUNK_BYTES", BLOCK_BYTES // 2)
    path = tmp_path / "capture.ndjson"
    path.write_bytes(OLD)
    os.utime(path, ns=(0, 10**18))
    return path


@pytest.mark.parametrize("after", [1, 2])
@pytest.mark.parametrize(("change", "what"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_an_error(path: Path, change: Callable[[Path], object], what: str, after: int) -> None:
    output, message = read(path, change, after)
    assert message.startswith(f"capture: {what}")
    assert "so events may be missing, cut or mixed" in message
    if "replaced" in what:
        assert OLD.startswith(output), "nothing of the new file is taken for the old one's"


@pytest.mark.parametrize("after", [1, 2])
def test_what_a_file_grows_by_is_read(path: Path, after: int) -> None:
    assert read(path, append, after) == (OLD + LINE, "")


def test_a_file_that_was_read_to_its_end_may_go(path: Path) -> None:
    blocks = blocks_of(path)
    output = next(blocks)
    for block in blocks:
        output += block
        if output == OLD:
            path.unlink()
    assert output == OLD
