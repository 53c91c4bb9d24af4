"""Events of one user, course or hour are alike: what a few of these bring along is no change."""

import random
from collections.abc import Callable
from typing import Any

import pytest

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.drifting.capture import Capture, CaptureWork
from canvas_events_cli.drifting.changes import compare_captures
from canvas_events_cli.drifting.clusters import GROUPS, Sample, chance_of, counted_once, p_value
from canvas_events_cli.drifting.report import Sightings
from canvas_events_cli.model import Record

CATALOG = load_catalog()
LOOK = CaptureWork(CATALOG).compile().report


def taught(day: int, users: int, change: Callable[[int, dict[str, Any]], None] | None = None, *, busy: int) -> Capture:
    """Return a day on which two of the *users* are *busy*; every second pair of them has no id of a registry."""
    chance = random.Random(day)
    who = chance.choices(range(users), [50 if user // 2 == busy else 1 for user in range(users)], k=400)
    events = []
    for number, user in enumerate(who):
        metadata: dict[str, Any] = {
            "event_name": "grade_change",
            "event_time": f"2024-09-{day + 1:02}T{chance.randrange(24):02}:05:11Z",
            "request_id": f"{day}-{number}",
            "user_id": str(21070000000000100 + user),
            "user_sis_id": None if user % 4 < 2 else f"T-{user}",
        }
        body: dict[str, Any] = {"grade": "9", "submission_id": str(number)}
        if user % 4 < 2:
            body["grading_complete"] = True
        events.append({"metadata": metadata, "body": body})
        if change is not None:
            change(number, events[-1])
    capture = Capture()
    capture.take(LOOK("", [Record(1, b"", event, True) for event in events]))
    return capture


@pytest.mark.parametrize("users", [4, 20, 200])
def test_who_was_busy_is_no_change(users: int) -> None:
    changes = compare_captures(taught(0, users, busy=0), taught(1, users, busy=1), CATALOG)
    assert not changes.found, changes


@pytest.mark.parametrize("users", [4, 20, 200])
@pytest.mark.parametrize("part", [1, 3])
def test_a_change_in_the_events_of_all_users_is_found(users: int, part: int) -> None:
    def change(number: int, event: dict[str, Any]) -> None:
        if number % part == 0:
            event["body"]["grade"] = None

    found = compare_captures(taught(0, users, busy=0), taught(1, users, change, busy=0), CATALOG)
    assert [(one.change, one.pointer) for one in found.changes] == [("null_share", "/body/grade")]


def sample(*groups: tuple[int, int]) -> Sample:
    """Return what has so many of so many in one group after the other, all ways of grouping alike."""
    sides = []
    for side in (0, 1):
        counts = sum(group[side] * counted_once(bytes([number] * 6)) for number, group in enumerate(groups))
        sides.append(Sightings(sum(group[side] for group in groups), groups=counts))
    return Sample(*sides)


@pytest.mark.parametrize(
    ("before", "after", "least", "most"),
    [
        # As if all were independent, where groups do not differ.
        (sample(*[(2, 10)] * GROUPS), sample(*[(4, 10)] * GROUPS), 0, 1e-6),
        # All or nothing: groups that have both tell; those of one side count as one each.
        (sample(*[(0, 10)] * 3), sample(*[(10, 10)] * 3), 0, 1e-6),
        (sample(*[(0, 10)] * 3), sample(*[(0, 0)] * 3, *[(10, 10)] * 3), 0.01, 0.05),
        # That they are mixed shows that others than before are no reason.
        (sample(*[(0, 10)] * 6), sample(*[(0, 0)] * 6, *[(4, 10)] * 6), 0, 1e-6),
        # All that have it are others than all that lack it: of few groups that says little, of many much.
        (sample(*[(0, 10)] * 8), sample(*[(0, 0)] * 8, (90, 90), *[(10, 10)] * 9), 0, 1e-4),
        # One group that stands out, and one that is all there is.
        (sample(*[(0, 10)] * 9), sample(*[(0, 10)] * 8, (60, 60)), 0.05, 0.9),
        (sample((0, 60)), sample((20, 60)), 0, 1e-5),
    ],
)
def test_chance(before: Sample, after: Sample, least: float, most: float) -> None:
    assert p_value(before.share, after.share) < 1e-5
    assert least <= chance_of(before, after) <= most
    assert chance_of(after, before) == pytest.approx(chance_of(before, after))
