"""The fast way must be the plain way: whatever a selection wants, the byte search lets through."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from spelled_events import captures

from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.fast.byte_search import compile_search
from canvas_events_cli.query.selection import Selection, compile_selection


def selection(*expressions, **options):
    return Selection(tuple(map(parse_condition, expressions)), **options)


@given(captures)
def test_the_fast_way_is_the_plain_way(capture):
    raws, selection = capture
    wanted = compile_selection(selection)
    search = compile_search(selection)
    matching = [raw for raw in raws if wanted(Record(1, raw, parse(raw), True))]
    if search is None:
        return
    assert [raw for raw in matching if search.may_match(raw)] == matching
    assert not matching or search.may_match(b"\n".join(raws))


# Matches that a careless search would pass over.
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
    wanted = selection(expression)
    raw = raw.encode()
    assert compile_selection(wanted)(Record(1, raw, parse(raw), True))
    search = compile_search(wanted)
    assert search is None or search.may_match(raw)


def test_a_key_of_one_of_several_conditions_may_be_an_escape():
    search = compile_search(selection("body.x=5", "body.y=q", any_where=True))
    assert search.may_match(rb'{"body":{"\u0078":5}}')
    assert not search.may_match(rb'{"body":{"\u007a":5}}')


@given(captures)
def test_every_event_is_in_the_selection_or_in_its_inverse(capture):
    raws, selection = capture
    wanted, unwanted = (compile_selection(replace(selection, invert=invert)) for invert in (False, True))
    for raw in raws:
        record = Record(1, raw, parse(raw), True)
        assert wanted(record) is not unwanted(record)


def raw_event(number, **body):
    envelope = {
        "event_name": f"kind{number % 10}_created",
        "event_time": "2024-07-30T19:04:35Z",
        "user_id": str(number),
    }
    return orjson.dumps({"metadata": envelope | {"url": f"http://canvas.docker/x?a={number}&b=1"}, "body": body})


CAPTURE = [
    raw_event(n, n=n, name=f"Name {n}", course_id=str(2107 * 10**13 + n), score=n + 0.5) for n in range(100, 200)
]

SKIPPING = {
    "string": (selection("body.name=Name 150"), 1),
    "digits": (selection("user_id=150"), 1),
    "number": (selection("n=150"), 1),
    "same object": (selection("course_id@150"), 1),
    "regex": (selection("name ~ ^Name 15[0-9]$"), 10),
    "missing key": (selection("nothing > 5"), 0),
    "key": (selection("body.extra"), 0),
    "both": (selection("user_id=150", "n=151"), 0),
    "any": (selection("user_id=150", "name=Name 151", any_where=True), 2),
    "event": (Selection(event_globs=("kind7_*",)), 10),
    "events": (Selection(event_globs=("kind7_*", "kind8_created")), 20),
}


@pytest.mark.parametrize(("wanted", "matches"), SKIPPING.values(), ids=SKIPPING)
def test_records_are_skipped_unparsed(wanted, matches):
    parsed = []

    def parse_counting(raw):
        parsed.append(raw)
        return Record(1, raw, parse(raw), True)

    search = compile_search(wanted)
    predicate = compile_selection(wanted)
    found = [raw for raw in CAPTURE if search.may_match(raw) and predicate(parse_counting(raw))]
    assert found == [raw for raw in CAPTURE if predicate(Record(1, raw, parse(raw), True))]
    assert len(found) == matches
    # Of the few that were looked at in vain, each holds the text somewhere else.
    assert len(parsed) <= matches + 20


NO_SEARCH = {
    "everything": selection(),
    "not equal": selection("a!=1"),
    "no regex": selection("a!~x"),
    "absent": selection("!a"),
    "inverted": selection("a=1", invert=True),
    "any, one unsound": selection("a=x", "!b", any_where=True),
    "any event": Selection(event_globs=("*",)),
    "any event or one": Selection(event_globs=("course_created", "*")),
    "index": selection("/0=1"),
}


@pytest.mark.parametrize("wanted", NO_SEARCH.values(), ids=NO_SEARCH)
def test_nothing_is_skipped_where_nothing_is_certain(wanted):
    assert compile_search(wanted) is None


def test_escapes_of_other_characters_do_not_force_a_look():
    search = compile_search(selection("body.status=failed"))
    assert not search.may_match(rb'{"body":{"status":"open","url":"a\u0026b","text":"\n\"x\/"}}')
    assert search.may_match(rb'{"body":{"status":"f\u0061iled"}}')
    assert search.may_match(rb'{"body":{"st\u0061tus":"failed"}}')


def test_an_option_that_is_not_utf_8_matches_nothing():
    assert not compile_search(Selection(event_globs=("\udcff",))).may_match(CAPTURE[0])
