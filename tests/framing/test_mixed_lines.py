"""Streams of good and broken lines and values: what framing finds is what the rules say, in pieces of any size."""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterable

from hypothesis import example, given, reject
from hypothesis import strategies as st
from mixed_lines import ARRAYS, CUT, GOOD, IN_LINE, JUNK, PARTS, PRETTY, mixed
from naive_framing import BrokenArray, Found, naive_frame

from canvas_events_cli.framing.fast.batches import plain_items
from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.model import Framed, Overflow, Record

Feed = Callable[[Framer, bytes], Iterable[Framed]]


def framed(data: bytes, size: int | None = None, limit: int = 1 << 20, feed: Feed = Framer.feed) -> list[Framed]:
    """Return what is found in *data*, fed in pieces; what overflows in one."""
    framer = Framer(limit)
    pieces = [data[at : at + size] for at in range(0, len(data), size)] if size else [data]
    found: list[Framed] = []
    for item in [*(item for piece in pieces for item in feed(framer, piece)), *framer.finish()]:
        if isinstance(item, Overflow) and found and isinstance(found[-1], Overflow):
            found[-1] = Overflow(found[-1].raw + item.raw)
        else:
            found.append(item)
    # A mark before a line is white space, and stands with what comes before or after it, as it arrives.
    return [Overflow(item.raw.replace(BOM_UTF8, b"")) if isinstance(item, Overflow) else item for item in found]


def told(found: list[Framed]) -> list[Found]:
    return [
        ("record", item.line, item.value) if isinstance(item, Record) else ("malformed", item.line, None)
        for item in found
        if not isinstance(item, Overflow)
    ]


@given(mixed(*PARTS, ARRAYS))
def test_what_is_found_is_what_the_rules_say(data: bytes) -> None:
    try:
        expected = naive_frame(data)
    except BrokenArray:
        reject()
    assert told(framed(data)) == expected


@given(mixed(*PARTS, ARRAYS, ARRAYS, JUNK), st.integers(1, 40), st.sampled_from([20, 60, 200, 1 << 20]))
@example(b'[1,\n[\n{\n"a": null\n}\n]\n\x1e{"a": 1}\n', 1, 20)
@example(b'{"a": null}\n[{"a": null, "b": null} ,null]', 1, 20)
@example(b'[1,\n[\n{\n"a": null\n}\nx\x1e{"a": 1}\n', 1, 20)
def test_pieces_of_any_size_give_the_same(data: bytes, size: int, limit: int) -> None:
    assert framed(data, size, limit) == framed(data, None, limit)


@given(
    mixed(*PARTS, ARRAYS, ARRAYS, JUNK) | mixed(GOOD, PRETTY, PRETTY, ARRAYS) | mixed(IN_LINE, IN_LINE, GOOD, CUT),
    st.sampled_from([None, 7, 40]),
    st.sampled_from([20, 60, 200, 1 << 20]),
)
@example(b'{"a": 1}\n{"b": 2}\x1e[x\n{"c": 3}\n', None, 200)
@example(b'{"a": null}\n  {"a": null}{"a": null} {"a": null}', None, 1 << 20)
@example(b'{"a": "%b"}\x1e' % (b"a" * 40) + b'{"b":[\n1]}' * 4 + b"\n{}", 52, 1 << 20)
@example(b'{"a": 1}[{"b": 2}{"c": 3}\n{"d": 4}\n,{"e": 5}]\n' + b'{"f": [6]}\n' * 3, None, 1 << 20)
def test_batches_hold_what_is_found_one_by_one(data: bytes, size: int | None, limit: int) -> None:
    assert framed(data, size, limit, plain_items) == framed(data, size, limit)
