import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.rendering.safe_text import location, shorten, terminal_json_bytes, visible

VISIBLE = {
    "plain text": ("Grüße, 世界 🎉", "Grüße, 世界 🎉"),
    "ansi colour": ("\x1b[31mred", r"\x1b[31mred"),
    "osc title": ("\x1b]0;owned\x07", r"\x1b]0;owned\x07"),
    "osc link": ("\x1b]8;;http://x\x1b\\y", "\\x1b]8;;http://x\\x1b\\y"),
    "c1 csi": ("\x9b31m", r"\x9b31m"),
    "line breaks": ("a\nb\rc\td", r"a\nb\rc\td"),
    "nul and del": ("\x00\x7f", r"\x00\x7f"),
    "bidi override": ("abc\u202egpj.exe", r"abc\u202egpj.exe"),
    "bidi isolates and marks": ("\u2066\u2069\u200e\u200f\u061c", r"\u2066\u2069\u200e\u200f\u061c"),
    "zero width": ("a\u200bb\ufeffc\u2060", r"a\u200bb\ufeffc\u2060"),
    "separators": ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
    "tag characters": ("\U000e0001\U000e0041", r"\U000e0001\U000e0041"),
    "lone surrogate": ("\ud83d", r"\ud83d"),
    "noncharacters": ("\ufdd0\uffff\U0001fffe\U0010ffff", r"\ufdd0\uffff\U0001fffe\U0010ffff"),
    "emoji style selector stays": ("❤\ufe0f", "❤\ufe0f"),
    "backslash stays": (r"C:\x1b", r"C:\x1b"),
    "github command": ("::error::x", r"\x3a:error::x"),
    "github command after blanks": (" \xa0::error::x", " \xa0\\x3a:error::x"),
    "colons inside stay": ("Foo::Bar", "Foo::Bar"),
    "old github command": ("x ##[add-mask]y", r"x \x23#[add-mask]y"),
    "azure command": ("##vso[task.complete]", r"\x23#vso[task.complete]"),
    "markdown heading stays": ("## head", "## head"),
}


@pytest.mark.parametrize(("text", "expected"), VISIBLE.values(), ids=VISIBLE)
def test_visible(text, expected):
    assert visible(text) == expected


@given(st.text(alphabet=st.characters()))
def test_visible_text_is_encodable_printable_and_stable(text):
    safe = visible(text)
    safe.encode("utf-8")
    assert not any(ord(char) < 0x20 or 0x7F <= ord(char) < 0xA0 for char in safe)
    assert visible(safe) == safe


SHORTEN = {
    "fits": ("abc", 3, "abc"),
    "cut": ("abcdef", 4, "abc…"),
    "one cell": ("abc", 1, "…"),
    "no room": ("abc", 0, ""),
    "empty": ("", 0, ""),
    "wide fits": ("世界", 4, "世界"),
    "wide cut": ("世界人", 5, "世界…"),
    "wide cut between": ("世界人", 4, "世…"),
}


@pytest.mark.parametrize(("text", "width", "expected"), SHORTEN.values(), ids=SHORTEN)
def test_shorten(text, width, expected):
    assert shorten(text, width) == expected


TERMINAL_JSON = {
    "nothing to do": (b'{"a": "x"}', b'{"a": "x"}'),
    "c1": ('"\x9b31m"'.encode(), rb'"\u009b31m"'),
    "del": (b'"\x7f"', rb'"\u007f"'),
    "bidi in a key": ('{"\u202e":1}'.encode(), rb'{"\u202e":1}'),
    "beyond the basic plane": ('"\U000e0001"'.encode(), rb'"\udb40\udc01"'),
    "escapes stay": (rb'"\u001b\\u009b"', rb'"\u001b\\u009b"'),
    "byte order mark": (b'\xef\xbb\xbf{"a":1}', b'{"a":1}'),
    "carriage return between tokens": (b'{"a":1,\r"b":2}\r', b'{"a":1, "b":2} '),
    "layout stays": (b'{\n\t"a": 1\n}', b'{\n\t"a": 1\n}'),
    "readable text stays": ('"Grüße 🎉"'.encode(), '"Grüße 🎉"'.encode()),
}


@pytest.mark.parametrize(("raw", "expected"), TERMINAL_JSON.values(), ids=TERMINAL_JSON)
def test_terminal_json(raw, expected):
    assert terminal_json_bytes(raw) == expected


@given(st.dictionaries(st.text(), st.text()))
def test_terminal_json_is_the_same_json(value):
    raw = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    assert json.loads(terminal_json_bytes(raw)) == json.loads(raw)


LOCATION = {
    "plain": ("day.ndjson", "day.ndjson:7"),
    "control characters": ("a\n\x1b.json", r"a\n\x1b.json:7"),
    "undecodable name": ("a\udcff.json", r"a\udcff.json:7"),
    "github command": ("::error::x", "./::error::x:7"),
    "old command": ("##[error]x", r"./\x23#[error]x:7"),
    "leading blanks": (" ::error::x", "./ ::error::x:7"),
}


@pytest.mark.parametrize(("source", "expected"), LOCATION.values(), ids=LOCATION)
def test_location(source, expected):
    assert location(source, 7) == expected
