"""What lays out usual events sooner gives the same bytes as the plain way."""

import json
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest
from hostile import HOSTILE
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.framing.fast import WITHOUT_FAST_PATHS
from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Record
from canvas_events_cli.parse import parse
from canvas_events_cli.rendering.event_tree import tree_of
from canvas_events_cli.rendering.fast import usual
from canvas_events_cli.rendering.show import Blocks
from canvas_events_cli.validation import Verdict


def written(members):
    inside = ", ".join(f"{json.dumps(key)}: {value}" for key, value in members)
    return f"{{{inside}}}"


TEXTS = st.one_of(
    st.sampled_from(
        [*HOSTILE.values(), "2024-07-05T13:40:39Z", "2024-07-05T13:40:39.5+02:00", "0x", "1e5", "12", "-0"]
    ),
    st.sampled_from(
        [
            "a:",
            "https://a.test/?b=c",
            "https://a.test/courses/1/assignments/2/e?f=" + "g" * 60,
            "8a8e",
            "1e",
            "12-5",
            "true",
            "#",
            "a b ",
            " a",
            "x" * 78,
            "x" * 200,
        ]
    ),
    st.text("aeE01-:#. \u00e9", max_size=90),
)
KEYS = st.sampled_from(["id", "user_id", "event_time", "url", "created_at", "a:", "x" * 60, "::", "\u4e16"])
NUMBERS = st.sampled_from(["0", "-0", "5", "-1", "1.50", "1e3", "18446744073709551616", "true", "false", "null"])
VALUES = st.recursive(
    TEXTS.map(json.dumps) | NUMBERS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        st.lists(st.tuples(KEYS, inner), max_size=4).map(written),
    ),
    max_leaves=8,
)
MEMBERS = st.lists(st.tuples(KEYS, VALUES), max_size=5)
ENVELOPES = st.dictionaries(
    st.sampled_from(["event_name", "event_time", "user_login", "context_type", "context_id", "hostname"]),
    TEXTS.map(json.dumps),
)


RECORDS = st.builds(
    lambda envelope, body, change: change(
        f'{{"metadata": {written(envelope.items())}, "body": {written(body)}}}'.encode()
    ),
    ENVELOPES,
    MEMBERS,
    st.sampled_from([bytes, compact]),
)


@given(raw=RECORDS)
def test_trees(raw):
    record = Record(1, raw, parse(raw), True)
    assert repr(usual.tree_of(record)) == repr(tree_of(record))


@pytest.mark.parametrize("brief", [False, True])
@pytest.mark.parametrize(("width", "color"), [(24, True), (80, True), (120, False)])
@given(raws=st.lists(RECORDS, min_size=1, max_size=3), tz=st.sampled_from([UTC, ZoneInfo("America/Denver")]))
def test_blocks(raws, tz, width, color, brief):
    with pytest.MonkeyPatch.context() as patch:
        fast = Blocks(tz, width, color=color, brief=brief)
        patch.setenv(WITHOUT_FAST_PATHS, "1")
        plain = Blocks(tz, width, color=color, brief=brief)
    for raw in raws:
        record = Record(1, raw, parse(raw), True)
        made, expected = (blocks.event(record, Verdict(None)) for blocks in (fast, plain))
        assert made.title == expected.title
        assert made.end == expected.end
        assert made.rest.decode() == expected.rest.decode()
