import pickle
from dataclasses import replace
from types import SimpleNamespace

import orjson
import pytest

from canvas_events_cli.model import Record
from canvas_events_cli.query.about import About
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.selection import Selection, compile_selection
from canvas_events_cli.streaming import validation_spec
from canvas_events_cli.timestamps import parse_instant


def record(value):
    raw = orjson.dumps(value)
    return Record(1, raw, orjson.loads(raw), True)


def event(name="course_created", time="2024-07-30T19:04:35.872Z", **body):
    return record({"metadata": {"event_name": name, "event_time": time, "user_id": "5"}, "body": body})


def where(*expressions, **options):
    return Selection(tuple(map(parse_condition, expressions)), **options)


def selects(selection, item):
    wanted = compile_selection(selection)(item)
    inverse = replace(selection, invert=not selection.invert)
    assert compile_selection(inverse)(item) is not wanted
    assert pickle.loads(pickle.dumps(replace(selection, spec=None))) == replace(selection, spec=None)
    return wanted


CONDITIONS = {
    "none": (where(), True),
    "none, any": (where(any_where=True), True),
    "all hold": (where("a=1", "b=2"), True),
    "one fails": (where("a=1", "b=3"), False),
    "any of them": (where("a=2", "b=2", any_where=True), True),
    "none of them": (where("a=2", "b=3", any_where=True), False),
    "inverted": (where("a=2", invert=True), True),
    "nothing but inverted": (where(invert=True), False),
    "any of them, of another event": (where("a=1", any_where=True, event_globs=("quiz_*",)), False),
}


@pytest.mark.parametrize(("selection", "expected"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(selection, expected):
    assert selects(selection, event(a=1, b=2)) is expected


GLOBS = {
    "name": (("course_created",), True),
    "star": (("course_*",), True),
    "stars": (("*urse*ted",), True),
    "question mark and set": (("cours[a-f]_create?",), True),
    "one of two": (("quiz_*", "*_created"), True),
    "case counts": (("Course_Created",), False),
    "whole name": (("course",), False),
    "empty": (("",), False),
    "regex signs": (("course.created",), False),
    "not UTF-8": (("\udcff*",), False),
}


@pytest.mark.parametrize(("globs", "expected"), GLOBS.values(), ids=GLOBS)
def test_event_globs(globs, expected):
    assert selects(Selection(event_globs=globs), event()) is expected


@pytest.mark.parametrize("name", [None, 5, ["course_created"]], ids=repr)
def test_an_event_without_a_name_matches_no_glob(name):
    assert not selects(Selection(event_globs=("*",)), event(name))


def test_a_name_may_hold_line_feeds():
    assert selects(Selection(event_globs=("a*b",)), event("a\nb"))


NOON = "2024-07-30T12:00:00.5Z"
TIMES = {
    "at since": (NOON, None, NOON, True),
    "at until": (None, NOON, NOON, True),
    "at since, elsewhere": (NOON, None, "2024-07-30T14:00:00.500+02:00", True),
    "just before since": (NOON, None, "2024-07-30T12:00:00.49999Z", False),
    "just after until": (None, NOON, "2024-07-30T12:00:00.50001Z", False),
    "later text, earlier instant": (NOON, None, "2024-07-30T13:00:00+02:00", False),
    "in between": ("2024-07-30T00:00:00Z", NOON, "2024-07-30T02:00:00Z", True),
    "since after until": (NOON, "2024-07-30T00:00:00Z", "2024-07-30T02:00:00Z", False),
    "leap second": ("2017-01-01T00:00:00Z", None, "2016-12-31T23:59:60Z", True),
    "no offset": (None, NOON, "2024-07-30T02:00:00", False),
    "absent": (None, NOON, None, False),
    "number": (None, NOON, 5, False),
}


@pytest.mark.parametrize(("since", "until", "time", "expected"), TIMES.values(), ids=TIMES)
def test_times(since, until, time, expected):
    selection = Selection(since=parse_instant(since), until=parse_instant(until))
    assert selects(selection, event(time=time)) is expected


@pytest.mark.parametrize("time", ["yesterday", None, 5, "2024-02-30T00:00:00Z"], ids=repr)
def test_an_unreadable_time_lies_in_no_range(time):
    since, until = parse_instant("0001-01-01T00:00:00Z"), parse_instant("9999-01-01T00:00:00Z")
    assert not selects(Selection(since=since), event(time=time))
    assert not selects(Selection(until=until), event(time=time))


@pytest.fixture
def asked(monkeypatch):
    """Have a record be valid where its body has no mistake; return which were looked at."""
    asked = []

    def is_wrong(record):
        asked.append(record)
        return "mistake" in record.value["body"]

    monkeypatch.setattr(
        "canvas_events_cli.validation.compile_checker", lambda _spec, **_: SimpleNamespace(is_wrong=is_wrong)
    )
    return asked


@pytest.mark.parametrize("valid", [True, False])
def test_validity(valid, asked):
    selection = Selection(valid=valid, spec=validation_spec())
    assert selects(selection, event()) is valid
    assert selects(selection, event(mistake=1)) is not valid


def test_validity_is_asked_last(asked):
    assert not selects(where("a=2", valid=True, spec=validation_spec()), event(a=1))
    assert not asked


@pytest.mark.parametrize("selection", [Selection(valid=True), Selection(about=(About("course", "5"),))])
def test_some_selections_need_schemas(selection):
    with pytest.raises(ValueError, match="needs the schemas"):
        compile_selection(selection)


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, {"metadata": "x", "body": [1]}], ids=repr)
def test_values_that_are_no_events(value):
    item = record(value)
    assert not selects(where("status"), item)
    assert not selects(where("/status=1"), item)
    assert selects(where("!status", "status!=1", "status!~1"), item)
    assert not selects(Selection(event_globs=("*",)), item)
    assert not selects(Selection(since=parse_instant("0001-01-01T00:00:00Z")), item)


def test_self_hosted_envelopes():
    item = record({"attributes": {"event_name": "e", "event_time": NOON}, "body": {}})
    assert selects(Selection(event_globs=("e",), since=parse_instant(NOON)), item)
