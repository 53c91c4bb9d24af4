"""Deciding on batches, column by column, is deciding on each event by itself."""

from dataclasses import replace

import pytest
from hypothesis import given
from spelled_events import captures

from canvas_events_cli.framing.fast.batches import in_batches, without_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.query.about import parse_about
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.fast import typed_events
from canvas_events_cli.query.fast.deciding import fast_path
from canvas_events_cli.query.noticing import Decided, Notices
from canvas_events_cli.query.selection import Selection, compile_selection
from canvas_events_cli.streaming import validation_spec
from canvas_events_cli.timestamps import parse_instant

USUAL = b'{"metadata":{"event_name":"a","user_id":"7"},"body":{"status":"open","x":"y"}}'


def selection(*expressions, **options):
    return Selection(tuple(map(parse_condition, expressions)), **options)


def chosen(items, wanted):
    for item in items:
        if isinstance(item, Decided):
            yield from item.wanted.plainly() if item.wanted else ()
        elif isinstance(item, Record) and wanted(item):
            yield item


def both_ways(lines, asked):
    """Return the lines and texts of what is wanted of *lines*: told by columns, and told one by one."""
    data, wanted, notices = b"\n".join([*lines, b""]), compile_selection(asked), Notices(asked)
    notices.missing.clear()
    path = fast_path(asked, notices)
    parts = in_batches(Framer(1 << 20), data)
    ways = path.read(parts) if path else without_batches(parts), Framer(1 << 20).feed(data)
    return [[(record.line, record.raw) for record in chosen(way, wanted)] for way in ways]


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(typed_events, "LEAST_BATCHES", 0)
    monkeypatch.setattr(typed_events, "PAUSE", 0)


@given(captures)
def test_the_fast_way_is_the_plain_way(capture):
    raws, asked = capture
    fast, plain = both_ways([*raws, *raws, b"[0]", *raws, *raws], asked)
    assert fast == plain


# What is written in another way than it is asked for.
HIDDEN = {
    "slash as an escape": ("body.x=a/b", r'{"body":{"x":"a\/b"}}'),
    "slash of a key as an escape": ("/body/a~1b=1", r'{"body":{"a\/b":1}}'),
    "letter as an escape": ("body.x=abc", r'{"body":{"x":"\u0061bc"}}'),
    "upper-case code": ("body.x=ü", r'{"body":{"x":"\u00FC"}}'),
    "pair of codes": ("body.x=😀", r'{"body":{"x":"\uD83D\ude00"}}'),
    "key as an escape, elsewhere plain": ("body.x=5", r'{"body":{"\u0078":5,"y":"x"}}'),
    "number with a point": ("body.x=5", '{"body":{"x":5.0}}'),
    "number with an exponent": ("body.x=500", '{"body":{"x" :\t5E2}}'),
    "number for a decimal": ("body.x=0.50", '{"body":{"x":5e-1}}'),
    "number in an array": ("/body/x/0=5", '{"body":{"x":[5]}}'),
    "number beside a string": ("body.x=5", '{"body":{"y":"5","x":5.0}}'),
    "zero with a sign": ("body.x=0", '{"body":{"x":-0}}'),
    "huge number": ("body.x=1e300", '{"body":{"x":10e299}}'),
    "zero with any exponent": ("body.x=0e99", '{"body":{"x":0}}'),
    "array": ('body.x=["a", 1]', '{"body":{"x":[ "a",\t1 ]}}'),
    "text of an array": ("body.x ~ 1,2", '{"body":{"x":[1, 2]}}'),
    "escape in the text of an array": ("body.x ~ nb", '{"body":{"x":["a\\u000ab"]}}'),
    "id of another shard's length": ("body.x@21070000000000565", '{"body":{"x":565}}'),
    "id with zeros before": ("body.x@565", '{"body":{"x":"0000565"}}'),
    "smallest global id": ("body.x@0", '{"body":{"x":10000000000000}}'),
    "other name of the envelope": ("metadata.x=a", '{"attributes":{"x":"a"}}'),
    "whole envelope": ("/metadata", '{"attributes":{"x":"a"}}'),
}


@pytest.mark.parametrize(("expression", "raw"), HIDDEN.values(), ids=HIDDEN)
def test_matches_that_hide(expression, raw):
    fast, plain = both_ways(
        [raw.encode(), USUAL, b"7", USUAL, USUAL, raw.encode(), raw.encode()], selection(expression)
    )
    assert fast == plain
    assert [line for line, found in plain if found == raw.encode()] == [1, 6, 7]


@given(captures)
def test_every_event_is_in_the_selection_or_in_its_inverse(capture):
    raws, asked = capture
    wanted, unwanted = (compile_selection(replace(asked, invert=invert)) for invert in (False, True))
    for raw in raws:
        record = Record(1, raw, parse(raw), True)
        assert wanted(record) is not unwanted(record)


def test_times_are_noticed_also_of_what_does_not_concern_an_object():
    lines = [USUAL.replace(b'"7"', b'"%d","event_time":"2024-07-0%dT10:00:00Z"' % (n, n)) for n in range(1, 8)]
    until = parse_instant("2024-07-02T10:00:00Z")
    spec = validation_spec()
    asked = Selection(about=(parse_about("user:5", spec.catalog),), until=until, spec=spec)
    notices = Notices(asked)
    path = fast_path(asked, notices)
    assert not [*chosen(path.read(in_batches(Framer(1 << 20), b"\n".join([*lines, b""]))), compile_selection(asked))]
    assert notices.noticed.in_time
    assert notices.noticed.times == (parse_instant("2024-07-01T10:00:00Z"), parse_instant("2024-07-07T10:00:00Z"))


def test_an_option_that_is_not_utf_8_matches_nothing():
    assert both_ways([USUAL] * 3, Selection(event_globs=("\udcff",))) == [[], []]
