import pytest

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.query.fields import find, parse_field

EVENT = {
    "metadata": {"user_id": "7", "status": "envelope", "only": "m", "null": "m", "a.b": "dotted"},
    "body": {"status": "body", "null": None, "list": [{"id": 1}, 2], "0": "zero", "a/b": 1, "m~n": 2, 'q"q': 3, "": 4},
    "data": [{"actor": {"id": "x"}, "@context": "c"}],
    "my key": {"x": 5},
    "false": False,
}

FOUND = {
    "dotted": ("body.status", "body"),
    "white space around": ("  body.status ", "body"),
    "index": ("data.0.actor.id", "x"),
    "key of digits": ("body.0", "zero"),
    "index beyond the end": ("data.1.actor.id", None),
    "index with a leading zero": ("data.00.actor.id", None),
    "below a string": ("body.status.x", None),
    "false is a value": ("/false", False),
    "bare name, in both": ("status", "body"),
    "bare name, in the envelope": ("only", "m"),
    "bare name, null in the body": ("null", "m"),
    "bare name, nowhere": ("nothing", None),
    "bare name is no part of the event": ("data", None),
    "quoted bare name": ('"a.b"', "dotted"),
    "quoted segment": ('metadata."a.b"', "dotted"),
    "quoted segment first": ('"my key".x', 5),
    "escaped quote in quotes": (r'body."q\"q"', 3),
    "null": ("body.null", None),
    "pointer": ("/data/0/actor/id", "x"),
    "pointer with escaped slash": ("/body/a~1b", 1),
    "pointer with escaped tilde": ("/body/m~0n", 2),
    "pointer with space": ("/my key/x", 5),
    "pointer with dot": ("/metadata/a.b", "dotted"),
    "pointer to the empty key": ("/body/", 4),
    "pointer with a quoted token": ('/data/0/"@context"', "c"),
    "pointer with a quote inside": ('/body/q"q', 3),
    "part of an event": ("/body/list", [{"id": 1}, 2]),
}


@pytest.mark.parametrize(("field", "expected"), FOUND.values(), ids=FOUND)
def test_find(field, expected):
    assert find(parse_field(field), EVENT) == expected


@pytest.mark.parametrize("field", ["metadata.user_id", "user_id", "/metadata/user_id", "attributes.user_id"])
def test_the_envelope_of_self_hosted_canvas(field):
    assert find(parse_field(field), {"attributes": {"user_id": "7"}, "body": {}}) == "7"


@pytest.mark.parametrize("value", [None, 5, "body", [{"body": 1}], True], ids=repr)
def test_what_is_no_object_has_no_fields(value):
    assert find(parse_field("/body"), value) is None
    assert find(parse_field("/0"), value) is None


MISTAKES = {
    "empty": ("", 0, "a FIELD is missing"),
    "blank": ("  ", 2, "a FIELD is missing"),
    "jq's leading dot": (".body.status", 0, "a name is missing at this dot"),
    "two dots": ("body..status", 5, "a name is missing at this dot"),
    "dot at the end": ("body.", 5, "a name is missing at this dot"),
    "open quote": ('body."a', 5, "never closed"),
    "text after a quote": ('body."a"b', 8, "after a quoted segment"),
    "quote inside": ('body.a"b"', 6, "quote inside a name"),
    "space": ("body.my key", 8, "or quotes around a name with a space"),
    "space before a dot": ("body .x", 5, "something is missing before '.'"),
    "word for an operator": ("body.status is open", 12, "did you mean '='?"),
    "misspelt envelope": ("metdata.user_id", 0, "did you mean 'metadata'? A pointer takes any name: /metdata/user_id"),
    "misspelt body": ("boddy.x", 0, "did you mean 'body'?"),
    "bad escape in a pointer": ("/body/a~2", 7, "~0"),
}


@pytest.mark.parametrize(("field", "at", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_pointed_at(field, at, message):
    with pytest.raises(CeventsError) as caught:
        parse_field(field)
    what, shown, caret = str(caught.value).split("\n")
    assert message in what
    assert shown == "  " + field
    assert caret == "  " + " " * at + "^"
