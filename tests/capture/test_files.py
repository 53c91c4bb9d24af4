"""The folder of events: whole at any time, and after everything that can go wrong with it."""

import errno
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from random import random
from typing import Any

import pytest

from canvas_events_cli import count, validate
from canvas_events_cli.capture import files
from canvas_events_cli.capture.files import EventFiles
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.query.work import SelectOptions
from canvas_events_cli.sources.compression import APPENDED_TO
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.streaming import Events, as_it_is, select_parts

LINES = [b'{"metadata": {}, "body": {"n": %d}}\n' % number for number in range(5)]


Place = Callable[..., EventFiles]


@pytest.fixture
def place_in() -> Iterator[Place]:
    """Give EventFiles, each of which is closed in the end."""
    with ExitStack() as stack:
        yield lambda *arguments, **options: stack.enter_context(closing(EventFiles(*arguments, **options)))


def names(folder: Path) -> list[str]:
    return sorted(path.name.partition("Z-")[2] for path in folder.iterdir())


def test_what_is_kept_can_be_read_at_once(tmp_path: Path, place_in: Place) -> None:
    place = place_in(tmp_path / "deep/er")
    for number, line in enumerate(LINES, 1):
        kept = place.keep([line])
        assert kept.first_line == number
        assert count(tmp_path / "deep") == number
    assert Path(kept.name).parent == tmp_path / "deep/er"


def test_files_end_after_so_many_bytes(tmp_path: Path, place_in: Place) -> None:
    place = place_in(tmp_path, max_bytes=50)
    for line in LINES:
        place.keep([line])
    assert len(names(tmp_path)) > 1
    assert count(tmp_path) == len(LINES)


def test_files_end_with_the_hour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place_in: Place) -> None:
    now = 1_700_000_000
    monkeypatch.setattr(time, "gmtime", lambda gmtime=time.gmtime: gmtime(now))
    place = place_in(tmp_path)
    place.keep(LINES[:1])
    place.keep(LINES[1:2])
    now += 3600
    assert place.keep(LINES[2:3]).first_line == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "events-2023-11-14T22Z-0001.ndjson.zst",
        "events-2023-11-14T23Z-0001.ndjson.zst",
    ]


def test_a_file_that_is_removed_is_not_written_to(tmp_path: Path, place_in: Place) -> None:
    place = place_in(tmp_path)
    Path(place.keep(LINES[:1]).name).unlink()
    place.keep(LINES[1:])
    assert count(tmp_path) == len(LINES) - 1


@pytest.mark.parametrize("kept", [0, 2])
@pytest.mark.parametrize("torn", [b"\x28\xb5\x2f", b"\x28\xb5\x2f\xfd\x04\x00", bytes(4096)])
def test_what_a_killed_process_left_is_cut_off(tmp_path: Path, kept: int, torn: bytes, place_in: Place) -> None:
    place = place_in(tmp_path)
    place.keep(LINES[:1])
    name = Path(place.keep(LINES[1:2]).name)
    place.close()
    name.write_bytes((name.read_bytes() if kept else b"") + torn)
    place_in(tmp_path).keep(LINES[2:])
    assert validate(tmp_path).failures == []
    assert count(tmp_path) == kept + 3


def test_wherever_a_file_is_cut_it_can_be_read(tmp_path: Path, place_in: Place) -> None:
    place = place_in(tmp_path)
    ends = [0]
    for line in LINES[:2]:
        name = Path(place.keep([line]).name)
        ends.append(name.stat().st_size)
    whole = name.read_bytes()
    near = {each + by for each in ends for by in (-1, 0, 1)}
    for end in sorted({*range(len(APPENDED_TO), len(whole), 3), *near} & {*range(len(APPENDED_TO), len(whole))}):
        name.write_bytes(whole[:end])
        report = validate(tmp_path)
        is_torn = end not in (len(APPENDED_TO), *ends)
        assert (report.failures, report.malformed) == ([], is_torn)
        assert report.events == sum(end >= each for each in ends[1:]) + is_torn
    assert "cut off at byte" in bytes(next(reject.raw for reject in _rejects(name))).decode()


def _rejects(name: Path) -> list[Any]:
    options = SelectOptions()
    return [item for block in select_parts(Events(locate([str(name)])), options, as_it_is) for item in block.rejects]


def test_a_cut_inside_a_long_frame_is_one_malformed_record_too(tmp_path: Path, place_in: Place) -> None:
    name = Path(place_in(tmp_path).keep([line[:-4] + str(random()).encode() + b"}}\n" for line in LINES * 4_000]).name)
    whole = name.read_bytes()
    name.write_bytes(whole[: len(whole) // 2])
    report = validate(tmp_path)
    assert (report.failures, report.malformed) == ([], 1)
    assert report.events > 1_000


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of this kind")
def test_a_file_that_another_process_writes_to_is_left_alone(tmp_path: Path, place_in: Place) -> None:
    name = tmp_path / "events-2020-01-01T00Z-0001.ndjson.zst"
    program = (
        "import fcntl, sys; file = open(sys.argv[1], 'wb', buffering=0); fcntl.flock(file, fcntl.LOCK_EX);"
        "file.write(b'half a fra'); print(flush=True); input()"
    )
    command = [sys.executable, "-c", program, name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        place_in(tmp_path)
        assert name.read_bytes() == b"half a fra"
        process.communicate(b"\n")
    place_in(tmp_path)
    assert name.read_bytes() == b""


class Faults:
    """A disk that is full, or fails, as often as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes = self.syncs = 0
        self._write, self._sync = files.write_all, os.fsync
        monkeypatch.setattr(files, "write_all", self.write)
        monkeypatch.setattr(os, "fsync", self.sync)

    def write(self, file: Any, data: bytes) -> None:
        if self.writes:
            self.writes -= 1
            self._write(file, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._write(file, data)

    def sync(self, descriptor: int) -> None:
        if self.syncs:
            self.syncs -= 1
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        self._sync(descriptor)


def keep_all(place: EventFiles, lines: Sequence[bytes]) -> int:
    """Keep *lines* one by one, each until it is kept; return how many times that failed."""
    failed = 0
    for line in lines:
        while True:
            try:
                place.keep([line])
                break
            except OSError:
                failed += 1
    return failed


@pytest.mark.parametrize("what", ["writes", "syncs"])
def test_a_full_disk_leaves_whole_events_and_is_recovered_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, place_in: Place
) -> None:
    place = place_in(tmp_path)
    faults = Faults(monkeypatch)
    for line in LINES:
        setattr(faults, what, 2)
        with pytest.raises(OSError, match=r"space|error"):
            place.keep([line])
        found = validate(tmp_path)
        assert (found.failures, found.malformed) == ([], 0)
        assert keep_all(place, [line]) == 1
        assert names(tmp_path) == [f"{number:04}.ndjson.zst" for number in range(1, len(names(tmp_path)) + 1)]
    assert count(tmp_path) == len(LINES)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="all may write there")
def test_a_folder_without_permission(tmp_path: Path, place_in: Place) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(CeventsError, match="permission"):
        place_in(tmp_path)


def test_a_folder_that_is_a_file(tmp_path: Path, place_in: Place) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CeventsError, match="cannot write: File exists"):
        place_in(tmp_path / "file")
