"""Two captures: what changed between them is told, and what chance explains is not."""

import copy
import json
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.drifting.capture import Capture, CaptureReport, CaptureWork
from canvas_events_cli.drifting.changes import Changes, changed_rates, compare_captures, told_once
from canvas_events_cli.drifting.clusters import LEVEL, Share, beyond_chance, least_p_value, p_value
from canvas_events_cli.drifting.kinds import Kinds, form_of_id, telling_of
from canvas_events_cli.model import Record
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.streaming import Events, capture_parts

CATALOG = load_catalog()
LOOK = CaptureWork(CATALOG).compile().report
NAMES = {"course_updated": 4, "assignment_updated": 8, "submission_created": 6, "logged_in": 3, "user_updated": 2}
Event = dict[str, Any]


def made(number: int, chance: random.Random) -> Event:
    """Return one event of a made-up host, all of whose fields vary as those of Canvas do."""
    name = chance.choices(list(NAMES), list(NAMES.values()))[0]
    metadata: Event = {
        "event_name": name,
        "event_time": f"2024-09-{number // 1440 % 28 + 1:02}T{number // 60 % 24:02}:{number % 60:02}:00Z",
        "producer": "canvas",
        "request_id": f"{chance.getrandbits(128):032x}",
        "user_id": str(21070000000000000 + chance.randrange(500)),
        "context_type": chance.choice(["Course", "Account"]),
        "user_login": f"login{chance.randrange(40)}",
    }
    if chance.random() < 0.4:
        metadata["real_user_id"] = None if chance.random() < 0.7 else "21070000000000001"
    body: Event = {
        "assignment_id": str(chance.randrange(9000)),
        "uuid": "".join(chance.choices("abcXYZ0123456789", k=40)),
        "title": chance.choice(["essay", "quiz", "alice", "bob"]),
        "workflow_state": chance.choices(["active", "deleted", "unpublished"], [6, 3, 2])[0],
        "points_possible": chance.choice([None, 5, 7.5, 10]),
        "settings": {"kind": chance.choice(["weekly", "daily"]), "limit": chance.choice([1, None])},
        "tags": [{"id": str(chance.randrange(50)), "role": chance.choice(["teacher", "ta"])}] * chance.randrange(3),
    }
    if chance.random() < 0.1:
        body["peer_reviews"] = True
    return {"metadata": metadata, "body": body}


def capture(events: Iterable[Event]) -> Capture:
    total = Capture()
    total.take(LOOK("", [Record(1, b"", event, True) for event in events]))
    return total


def compared(before: Iterable[Event], after: Iterable[Event], **how: bool) -> Changes:
    return compare_captures(capture(before), capture(after), CATALOG, **how)


def told(changes: Changes) -> list[tuple[str, str, str | None]]:
    return [(change.change, change.event_name, change.pointer) for change in changes.changes]


@pytest.mark.parametrize("seed", range(20))
def test_no_change_no_drift(seed: int) -> None:
    chance = random.Random(seed)
    events = [made(number, chance) for number in range(chance.choice([60, 300, 600]))]
    chance.shuffle(events)
    cut = chance.randrange(len(events) // 5, len(events))
    assert told(compared(events[:cut], events[cut:])) == []


def at(pointer: str, change: Callable[[Any, str], None]) -> Callable[[Event], None]:
    *above, last = pointer.split("/")[1:]

    def plant(event: Event) -> None:
        place = event
        for token in above:
            place = place[token]
        change(place, last)

    return plant


def put(value: object) -> Callable[[Any, str], None]:
    return lambda place, last: place.__setitem__(last, value)


def drop(place: Any, last: str) -> None:
    place.pop(last, None)


# The change, the event, where; what is planted in which part of the later events, and of the earlier ones.
PLANTED: list[tuple[str, str, str, Callable[[Any, str], None], float, float]] = [
    ("field_new", "assignment_updated", "/body/new_field", put("x"), 0.5, 0),
    ("field_gone", "submission_created", "/metadata/producer", drop, 1, 0),
    ("present_share", "assignment_updated", "/body/uuid", drop, 0.3, 0),
    ("null_share", "submission_created", "/metadata/user_id", put(None), 0.3, 0),
    ("types", "submission_created", "/body/title", put(5), 0.4, 0),
    ("forms", "assignment_updated", "/body/assignment_id", put("21070000000000565"), 0.5, 0),
    ("forms", "assignment_updated", "/metadata/user_id", put("565"), 1, 0),
    ("value_new", "assignment_updated", "/body/workflow_state", put("frozen"), 0.2, 0),
    ("value_gone", "submission_created", "/body/settings/kind", put("hourly"), 0, 0.2),
    ("null_share", "course_updated", "/body/settings/limit", put(None), 1, 0),
]


@pytest.mark.parametrize("seed", range(5))
def test_planted_changes_are_all_found_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    before, after = ([made(number, chance) for number in range(400)] for _ in range(2))
    for event in after[::2]:
        if event["metadata"]["event_name"] == "user_updated":
            event["metadata"]["event_name"] = "user_imploded"
    before = [event for event in before if event["metadata"]["event_name"] != "user_imploded"]
    after = [event for event in after if event["metadata"]["event_name"] != "logged_in" or chance.random() < 0.1]
    for _, name, pointer, change, of_after, of_before in PLANTED:
        for events, part in ((after, of_after), (before, of_before)):
            for event in events:
                if event["metadata"]["event_name"] == name and chance.random() < part:
                    at(pointer, change)(event)
    found = compared(before, after)
    assert found.found
    whole = {one for one in told(found) if one[2] is None}
    assert whole >= {("event_new", "user_imploded", None), ("event_rate", "logged_in", None)}
    assert whole <= {*whole, ("event_rate", "user_updated", None)}
    assert {one for one in told(found) if one[2] is not None} == {row[:3] for row in PLANTED}


class TestWhatIsTold:
    def event(self, name: str = "course_updated", /, time: int = 0, **body: Any) -> Event:
        """Return an event that is no copy of another."""
        self.number = getattr(self, "number", 0) + 1
        metadata = {"event_name": name, "event_time": f"2024-09-03T14:{time:02}:00Z", "request_id": str(self.number)}
        return {"metadata": metadata, "body": {"course_id": "1", **body}}

    def events(self, count: int, name: str = "course_updated", /, **body: Any) -> list[Event]:
        return [self.event(name, number % 60, **body) for number in range(count)]

    def test_a_change_in_whole(self) -> None:
        later = [*self.events(40), *(self.event(time=45, extra="x") for _ in range(20))]
        (change,) = compared(self.events(60), later).to_dict()["changes"]
        assert change == {
            "change": "field_new",
            "event_name": "course_updated",
            "pointer": "/body/extra",
            "first": "2024-09-03T14:45:00.000Z",
            "before": {"count": 0, "of": 60},
            "after": {"count": 20, "of": 60},
        }

    def test_the_first_event_that_lacks_a_field(self) -> None:
        later = [*self.events(20, name="x"), *(self.event(time=33) for _ in range(20)), *self.events(9, name="x")]
        (change,) = compared(self.events(60, name="x"), later).changes
        assert (change.change, change.first) == ("present_share", "2024-09-03T14:33:00.000Z")
        (change,) = compared(self.events(60, name="x"), self.events(60)).changes
        assert (change.change, change.first) == ("field_gone", "2024-09-03T14:00:00.000Z")

    @pytest.mark.parametrize(("count", "is_told", "is_drift"), [(2, False, False), (4, True, False), (5, True, True)])
    @pytest.mark.parametrize("field", ["value", "type", "form"])
    def test_what_is_rare_is_told_but_no_drift(self, field: str, count: int, is_told: bool, is_drift: bool) -> None:
        rare, usual = {
            "value": ({"workflow_state": "frozen"}, {"workflow_state": "active"}),
            "type": ({"name": 5}, {"name": "a"}),
            "form": ({"account_id": "x"}, {"account_id": "7"}),
        }[field]
        usual_events, mixed = self.events(200, **usual), [*self.events(200, **usual), *self.events(count, **rare)]
        for before, after in ((usual_events, mixed), (mixed, usual_events)):
            found = compared(before, after)
            assert (len(found.changes), found.found) == (is_told, is_drift)
            assert len(compared(before, after, everything=True).changes) == 1

    def test_what_was_seen_once_before_may_have_others_like_it(self) -> None:
        before = [*self.events(200, workflow_state="active"), *self.events(1, workflow_state="deleted")]
        after = [*self.events(200, workflow_state="active"), *self.events(3, workflow_state="deleted")]
        assert not compared(before, [*after, *self.events(4, workflow_state="frozen")]).changes

    def test_a_type_that_became_frequent_leaves_the_others_as_they_were(self) -> None:
        before = [event for name in "abcd" for event in self.events(100, name)]
        after = [event for name in "abcd" for event in self.events(900 if name == "c" else 100, name)]
        assert told(compared(before, after)) == [("event_rate", "c", None)]
        assert told(compared(before, after[:200] + after[-100:])) == [("event_gone", "c", None)]

    def test_a_documented_event_may_be_too_rare_for_the_smaller_capture(self) -> None:
        smaller, larger = self.events(60, "course_created"), self.events(600, "course_created")
        for name, is_told in (("course_updated", False), ("course_merged", True)):
            rare = [*larger, *self.events(20, name)]
            for sides in ((smaller, rare), (rare, smaller)):
                assert bool(compared(*sides).changes) is is_told

    def test_copies_count_once(self) -> None:
        events, later = self.events(60), [*self.events(56), *self.events(4, extra=1)]
        assert compared(events, later * 10).after == 60
        assert [change.after for change in compared(events, later * 10).changes] == [{"count": 4, "of": 60}]

    @pytest.mark.parametrize(("times", "is_told", "counts"), [(2, False, False), (4, True, False), (5, True, True)])
    def test_a_field_that_never_was_there_is_told_as_a_value_is(self, times: int, is_told: bool, counts: bool) -> None:
        plain, some = self.events(60), [*self.events(60 - times), *self.events(times, extra=1)]
        for change, changes in (("field_new", compared(plain, some)), ("field_gone", compared(some, plain))):
            assert told(changes) == [(change, "course_updated", "/body/extra")] * is_told
            assert changes.found is counts

    def test_a_documented_field_may_come_by_chance(self) -> None:
        for field, is_told in (("extra", True), ("uuid", False)):
            later = [*self.events(54), *self.events(6, **{field: 1})]
            assert bool(compared(self.events(60), later).changes) is is_told

    def test_either_name_of_the_envelope(self) -> None:
        hosted = self.events(60)
        own = [{"attributes": event["metadata"], "body": event["body"]} for event in self.events(60)]
        assert not compared(hosted, own).changes
        for number, event in enumerate(own[:30]):
            event["attributes"]["job_id"] = str(number)
        assert told(compared(hosted, own)) == [("field_new", "course_updated", "/attributes/job_id")]

    def test_caliper(self) -> None:
        def event(number: int, state: str) -> Event:
            return {
                "@context": "http://purl.imsglobal.org/ctx/caliper/v1p1", "id": f"urn:uuid:{number}",
                "type": "SessionEvent", "action": "LoggedIn", "eventTime": f"2024-09-03T14:{number % 60:02}:00Z",
                "actor": {"type": "Person", "id": "urn:x"}, "object": {"status": state},
            }  # fmt: skip

        before = [event(number, "active") for number in range(60)]
        after = [event(number, "inactive" if number % 2 else "active") for number in range(60)]
        assert compared(before, after).to_dict()["after"] == {"events": 60}
        assert ("value_new", "SessionEvent/LoggedIn", "/object/status") in told(compared(before, after))

    @pytest.mark.parametrize(
        "body",
        [
            {"name": "alice"},  # documented, and personal
            {"login": "alice"},  # not documented
            {"workflow_state": "alice@example.edu"},
            {"status": "Alice Liddell"},
            {"user_name": "alice"},
        ],
    )
    def test_personal_values_never_appear(self, body: Event) -> None:
        field = next(iter(body))
        before = self.events(100, **{field: "other"})
        found = compared(before, [*self.events(50, **{field: "other"}), *self.events(50, **body)], everything=True)
        assert "lice" not in json.dumps(found.to_dict())

    def test_many_values_are_no_small_set(self) -> None:
        def events(count: int, prefix: str) -> list[Event]:
            letters = "abcdefghijklmnopqrstuvwxyz"
            return [self.event(workflow_state=prefix + letters[n % 26] + letters[n // 26 % 26]) for n in range(count)]

        assert not compared(events(1_000, "x"), events(1_000, "y"), everything=True).changes
        total = capture(events(1_000, "x"))
        place = total.events["course_updated"].places()["body", "workflow_state"]
        assert len(place.traits) == 1


@pytest.mark.parametrize("seed", range(5))
def test_any_cut_gives_the_same(seed: int) -> None:
    chance = random.Random(seed)
    events = [made(number, chance) for number in range(120)]
    events += chance.choices(events, k=20)
    records = [Record(1, b"", event, True) for event in events]
    cuts = sorted({0, *chance.choices(range(len(events)), k=4), len(events)})
    parts = [LOOK("", records[start:end]) for start, end in pairwise(cuts)]
    whole, one_by_one, merged = Capture(), Capture(), Capture()
    whole.take(LOOK("", records))
    for part in copy.deepcopy(parts):
        one_by_one.take(part)
    # The right-hand parts first: merging is associative.
    for part in reversed(parts[:-1]):
        parts[-1] = part.merge(parts[-1])
    merged.take(parts[-1].merge(CaptureReport()))
    assert whole == one_by_one == merged


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.sampled_from([0, 5, 21070000000000565, 1.0, 0.5, "", "5", "active", "Ada L", "x" * 40]),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(["id", "state", "x"]), below, max_size=2)
    ),
    max_leaves=5,
)


@given(
    st.sampled_from(["metadata", "attributes"]),
    st.lists(st.dictionaries(st.sampled_from(["id", "user_ids", "workflow_state", "x"]), VALUES), max_size=8),
)
def test_a_kind_is_the_same_whatever_came_before(key: str, bodies: list[Event]) -> None:
    telling = telling_of(load_catalog())
    known = Kinds(telling)
    for number, body in enumerate(bodies):
        metadata = {"event_name": "course_updated", "user_id": str(number), "context_type": "Course"}
        event: Event = {"body": body, "metadata": None, key: metadata}
        kind = known.of("course_updated", event, 0)
        expected = Kinds(telling).of("course_updated", event, 0)
        assert (kind.envelope, dict(kind.traits).keys()) == (key, dict(expected.traits).keys())
        assert [{*traits} for _, traits in kind.traits] == [{*traits} for _, traits in expected.traits]


def test_any_number_of_processes_gives_the_same(tmp_path: Path) -> None:
    chance = random.Random(7)
    (tmp_path / "a.ndjson").write_text("".join(json.dumps(made(number, chance)) + "\n" for number in range(200)))
    total = Capture()
    for part in capture_parts(Events(locate([str(tmp_path / "a.ndjson")])), CATALOG):
        total.take(part)
    assert total == capture(json.loads(line) for line in (tmp_path / "a.ndjson").read_text().splitlines())


COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from([1, 3, 40, 300, 2000, 2100]), max_size=8)


def compared_one_by_one(before: dict[str, int], after: dict[str, int]) -> list[tuple[float, str]]:
    """Return the names whose share changed: set aside, one after the other, what differs most from the others."""
    names, found = [*(before.keys() & after.keys())], []
    while len(names) > 1:
        of = [sum(side[name] for name in names) for side in (before, after)]
        p, _, name = min(
            (
                p_value(Share(before[name], of[0]), Share(after[name], of[1])),
                -max(before[name], after[name]) / min(before[name], after[name]),
                name,
            )
            for name in names
        )
        if p > LEVEL / len(names):
            break
        names.remove(name)
        found.append((p, name))
    return found


@given(COUNTS, COUNTS)
def test_frequencies(before: dict[str, int], after: dict[str, int]) -> None:
    assert [*changed_rates(before, after)] == compared_one_by_one(before, after)


def test_of_many_names_nobody_waits_for_all() -> None:
    before = {f"event_{number}": 1000 for number in range(400)}
    after = {name: 1000 if number % 2 else 9 for number, name in enumerate(before)}
    names = [name for _, name in changed_rates(before, after)]
    assert len(names) == len({*names}) >= 200


def test_what_changes_in_the_envelope_of_most_events_is_told_once() -> None:
    def events(number: int, **more: Any) -> list[Event]:
        return [
            {"metadata": {"event_name": name, "request_id": f"{number}-{n}", **more}, "body": {}}
            for name in ("course_updated", "user_updated", "logged_in")
            for n in range(60)
        ]

    changes = compared(events(0), [*events(1, region="eu")[:120], *events(1)[120:]])
    assert told(changes) == [("field_new", name, "/metadata/region") for name in ("course_updated", "user_updated")]
    (change,) = told_once(changes)
    assert (change.event_name, change.before, change.after) == (
        *("(2 of 3 event types)", {"count": 0, "of": 120}),
        {"count": 120, "of": 120},
    )
    (change,) = told_once(compared(events(0, user_id="7"), events(1, user_id="21070000000000565")))
    assert change.event_name == "(all event types)"
    assert change.before == {"local": {"count": 180, "of": 180}}
    assert change.after == {"global": {"count": 180, "of": 180}}


class TestChance:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (Share(1, 10), Share(11, 14), 0.00276),
            (Share(8, 10), Share(1, 6), 0.0350),
            (Share(0, 60), Share(0, 40), 1),
            (Share(60, 60), Share(40, 40), 1),
            (Share(5, 200), Share(0, 200), 0.0610),
            (Share(0, 0), Share(5, 5), 1),
        ],
    )
    def test_fisher(self, before: Share, after: Share, expected: float) -> None:
        assert p_value(before, after) == pytest.approx(expected, abs=0.0001)
        assert p_value(after, before) == pytest.approx(expected, abs=0.0001)

    def test_both_tests_agree_where_one_takes_over(self) -> None:
        exact = p_value(Share(480, 10_000), Share(520, 10_000))
        assert p_value(Share(490, 10_000), Share(531, 10_000)) == pytest.approx(exact, rel=0.15)

    def test_what_cannot_be_told_is_not_corrected_for(self) -> None:
        assert least_p_value(Share(2, 60), Share(0, 60)) > 0.2
        assert least_p_value(Share(20, 60), Share(0, 60)) < 1e-6

    @pytest.mark.parametrize(
        ("p_values", "limit"),
        [([], -1), ([0.5, 0.01], -1), ([0.0005], 0.0005), ([0.0009, 0.00095, 0.5], -1), ([1e-9, 0.0006, 0.5], 0.0006)],
    )
    def test_benjamini_and_hochberg(self, p_values: Sequence[float], limit: float) -> None:
        assert beyond_chance(p_values) == limit


@pytest.mark.parametrize(
    ("value", "form"),
    [
        *(("21070000000000565", "global"), (21070000000000565, "global"), ("565", "local"), (565, "local")),
        *(("0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074", "uuid"), ("0d5e2f6a7c414b899a3e58f1c6d2b074", "uuid")),
        *(("vT3kQmZ8rYwB1xLpN6sHc0dJfUa9EoGi5RtKbXyM", "uuid"), ("S-12", "text"), ("", "text")),
    ],
)
def test_forms_of_ids(value: Any, form: str) -> None:
    assert form_of_id(value) == form
