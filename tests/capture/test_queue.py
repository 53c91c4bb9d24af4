"""Receiving from a queue that is slow, busy, lost or not ours."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from loopback_queue import ADDRESS, LoopbackQueue
from receivers import event, numbers

from canvas_events_cli.capture import sqs
from canvas_events_cli.capture.files import EventFiles, Kept
from canvas_events_cli.capture.keeping import Ending, Keeper
from canvas_events_cli.errors import CeventsError

Run = Callable[..., list[str]]


@pytest.fixture
def run(tmp_path: Path, environment: pytest.MonkeyPatch) -> Run:
    """Give what receives from a queue until a limit is reached, and returns what was said."""
    environment.setattr(sqs, "_LONGEST_PAUSE", 0.01)
    environment.setattr(sqs, "_pauses", lambda: iter(lambda: 0.01, None))

    def run(queue: LoopbackQueue, limit: int, place: Any = None, **options: Any) -> list[str]:
        environment.setenv("AWS_ENDPOINT_URL", queue.address)
        said: list[str] = []
        ending = Ending()
        keeper = Keeper(place or EventFiles(tmp_path), ending, said.append, limit=limit)
        try:
            sqs.receive(keeper, **{"address": "live"} | options)
        finally:
            keeper.close()
        if ending.error is not None:
            raise ending.error
        return said

    return run


def bodies(count: int) -> list[str]:
    return [event(number).decode() for number in range(count)]


def once(count: int, *fault: Any) -> Callable[[str], Any]:
    """Return what has *fault* come so many times."""
    faults = iter([fault] * count)
    return lambda operation: next(faults, None)


def test_a_limit_is_kept_to(run: Run, tmp_path: Path) -> None:
    with LoopbackQueue(bodies(50)) as queue:
        assert run(queue, 33, delete=True) == []
    assert len(numbers(tmp_path)) == 33
    assert {str(number) for number in queue.deleted} == set(numbers(tmp_path))


def test_without_delete_messages_stay(run: Run, tmp_path: Path) -> None:
    with LoopbackQueue(bodies(20)) as queue:
        run(queue, 20, address=ADDRESS)
        assert queue.left == 20
        assert not queue.asked["DeleteMessageBatch"]
        assert not queue.asked["GetQueueUrl"]


@pytest.mark.parametrize(
    "fault",
    [(400, "ThrottlingException"), (403, "OverLimit"), (500, "InternalError"), (0, "")],
)
def test_trouble_that_passes_is_waited_out_and_told_once(run: Run, tmp_path: Path, fault: Any) -> None:
    with LoopbackQueue(bodies(20)) as queue:
        queue.fault = once(10, *fault)
        said = run(queue, 20, delete=True)
    assert len(said) == 1
    assert "growing pauses" in said[0]
    assert sorted(map(int, numbers(tmp_path))) == list(range(20))


def test_that_trouble_is_over_is_told_too(run: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setattr(sqs, "_CALM_SECONDS", 0)
    with LoopbackQueue(bodies(5)) as queue:
        queue.fault = once(3, 0, "")
        said = run(queue, 5, receivers=1)
    assert [line.rpartition(" ")[2] for line in said] == ["pauses", "again"]


@pytest.mark.parametrize(
    ("status", "code", "address"),
    [
        (403, "AccessDeniedException", "live"),
        (400, "QueueDoesNotExist", ADDRESS),
    ],
)
def test_trouble_that_does_not_pass_is_one_error(run: Run, status: int, code: str, address: str) -> None:
    with LoopbackQueue([]) as queue:
        queue.fault = lambda operation: (status, code)
        with pytest.raises(CeventsError, match=f"^sqs://{address}: {code}: as the test wants it$"):
            run(queue, 1, address=address)


@pytest.mark.parametrize("missing", [("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"), ("AWS_DEFAULT_REGION",)])
def test_without_credentials_or_region(run: Run, environment: pytest.MonkeyPatch, missing: tuple[str, ...]) -> None:
    for name in missing:
        environment.delenv(name)
    environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with LoopbackQueue([]) as queue, pytest.raises(CeventsError, match=r"sqs://live: .*(credentials|region)"):
        run(queue, 1)


class Place:
    """Keeps nothing until a test says so."""

    def __init__(self, refusals: int = 0) -> None:
        self.kept: list[bytes] = []
        self.may = threading.Event()
        self._refusals = refusals

    def keep(self, lines: list[bytes]) -> Kept:
        if self._refusals:
            self._refusals -= 1
            raise OSError(28, "No space left on device")
        assert self.may.wait(30)
        self.kept += lines
        return Kept("", 1)

    def close(self) -> None:
        pass


def test_messages_stay_hidden_while_they_are_being_written(run: Run, environment: pytest.MonkeyPatch) -> None:
    environment.setattr(sqs, "VISIBLE_AGAIN_SECONDS", 1)
    place = Place()
    with LoopbackQueue(bodies(8)) as queue:

        def look(operation: str) -> None:
            if queue.asked["ChangeMessageVisibilityBatch"] > 2:
                place.may.set()

        queue.fault = look
        # How many come again all the same depends on what else the machine does.
        run(queue, 8, place, delete=True)
    assert len(queue.deleted) == len(set(place.kept))


def test_a_full_disk_is_waited_out_and_nothing_deleted_meanwhile(run: Run) -> None:
    place = Place(refusals=20)
    place.may.set()
    with LoopbackQueue(bodies(8)) as queue:
        said = run(queue, 8, place, delete=True)
    assert [line.partition(":")[0] for line in said] == ["cannot write", "writing again"]
    assert len(place.kept) == len(set(place.kept)) == len(queue.deleted) == 8


def test_every_message_is_kept_as_a_line(run: Run) -> None:
    lines = {
        "no JSON": b"no JSON",
        "no\nJSON": b'"no\\nJSON"',
        '{"a":\n 1}\n': b'{"a":1}',
        '{"a": 1}\n{"a": 2}': b'"{\\"a\\": 1}\\n{\\"a\\": 2}"',
        " ": b'""',
        '{"Type": "Notification", "Message": "{}"}': b'{"Type": "Notification", "Message": "{}"}',
    }
    place = Place()
    place.may.set()
    with LoopbackQueue([*lines]) as queue:
        run(queue, len(lines), place, delete=True)
    assert sorted(place.kept) == sorted(line + b"\n" for line in lines.values())
