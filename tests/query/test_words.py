import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.framing.fast.batches import in_batches
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.fast.traces import escapes_of
from canvas_events_cli.query.fast.words import may_notice
from canvas_events_cli.query.noticing import Notices
from canvas_events_cli.query.selection import Selection

EVENT = '{"metadata":{"event_name":"course_created"},"body":{"status":"open"}}'


@pytest.mark.parametrize(
    ("asked", "event", "may_be_there"),
    [
        ("course_*", EVENT, True),
        ("*_created", EVENT, True),
        ("course_created", EVENT, True),
        ("c?urse_[cd]reated", EVENT, True),
        ("course_[deleted", EVENT, True),
        ("assignment_*", EVENT, False),
        ("assignment_?x", EVENT, False),
        ("assignment_*", EVENT.replace("course", r"\u0061ssignment"), True),
        ("Assessment/x", EVENT, True),
        ("body.status", EVENT, True),
        ("body.state", EVENT, False),
        ("body.state", EVENT.replace("status", r"st\u0061te"), True),
        ("body.state", EVENT.replace("status", r"st\u0062te"), False),
        ('body."st te"', EVENT, True),
    ],
)
def test_what_may_be_in_a_batch(asked, event, may_be_there):
    is_field = asked.startswith("body")
    words = {"where": (parse_condition(asked),)} if is_field else {"event_globs": (asked,)}
    (batch,) = in_batches(Framer(1 << 20), f"{event}\n{event}\n".encode())
    assert may_notice(Notices(Selection(**words)), batch) is may_be_there


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_escapes_are_found(text):
    plain = "".join(char for char in text if char not in '"\\' and char >= " ")
    pattern = escapes_of(plain) if plain else None
    for char in plain:
        for escaped in (json.dumps(char)[1:-1], re.sub("(....)", r"\\u\1", char.encode("utf-16-be").hex().upper())):
            assert pattern.search(escaped.encode()) or escaped == char


@pytest.mark.parametrize(
    ("characters", "escaped", "expected"),
    [
        ("&", r"\u0026", True),
        ("abc", r"\u0026", False),
        ("é", r"\u00E9", True),
        ("é", r"\u00e9", True),
        ("\N{CYRILLIC SMALL LETTER DZE}", r"\u0455", True),
        ("\N{LATIN SMALL LETTER OPEN E}", r"\u025B", True),
        ("😀", r"\ud83D\uDe00", True),
        ("/", r"\/", True),
        ("a", r"\/", False),
        ("n", r"\n", False),
    ],
)
def test_escapes_of(characters, escaped, expected):
    assert (escapes_of(characters).search(escaped.encode()) is not None) is expected
