from decimal import Decimal

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.exact_json import compact_text, parse_exact, read_number

TEXTS = {
    "numbers as written": (b'[1.10, 1E5, -0, 12345678901234567890123]', "[1.10,1E5,-0,12345678901234567890123]"),
    "exponent beyond any double": (b"1e-99999999999999999999", "1e-99999999999999999999"),
    "string that looks like a number": (b'{"a": "1.10"}', '{"a":"1.10"}'),
    "escapes": (rb'"\u00e9\/\n"', '"é/\\n"'),
    "order of keys": (b'{"b": 1, "a": null}', '{"b":1,"a":null}'),
    "byte order mark": (b"\xef\xbb\xbf[true]", "[true]"),
}  # fmt: skip


@pytest.mark.parametrize(("raw", "expected"), TEXTS.values(), ids=TEXTS)
def test_compact_text(raw, expected):
    assert compact_text(parse_exact(raw)) == expected


def test_sorted_keys():
    assert (
        compact_text(parse_exact(b'{"b": {"d": 1, "c": 2.0}, "a": 3}'), sort_keys=True) == '{"a":3,"b":{"c":2.0,"d":1}}'
    )


def test_deep_nesting_has_no_text():
    assert compact_text(parse_exact(b"[" * 300 + b"]" * 300)) == ""
    # How deep the parser goes depends on the Python.
    assert parse_exact(b"[" * 100_000 + b"]" * 100_000) is None


NUMBERS = {
    "integer": ("565", Decimal(565)),
    "beyond 64 bits": ("12345678901234567890123", Decimal(12345678901234567890123)),
    "decimal": ("-1.50", Decimal("-1.5")),
    "exponent": ("1E+2", Decimal(100)),
    "leading zeros": ("007", Decimal(7)),
    "plus": ("+1", Decimal(1)),
    "bare point": (".5", Decimal("0.5")),
    "point at the end": ("5.", Decimal(5)),
    "exponent too long": ("1e99999999999999999999", None),
    "empty": ("", None),
    "sign": ("-", None),
    "point": (".", None),
    "words": ("nan", None),
    "infinity": ("Infinity", None),
    "underscore": ("1_000", None),
    "hexadecimal": ("0x1F", None),
    "space": (" 1", None),
    "line feed": ("1\n", None),
    "other digits": ("\N{ARABIC-INDIC DIGIT FIVE}", None),
    "timestamp": ("2024-07-30T19:04:35Z", None),
    "address": ("192.168.65.1", None),
}


@pytest.mark.parametrize(("text", "expected"), NUMBERS.values(), ids=NUMBERS)
def test_read_number(text, expected):
    assert read_number(text) == expected


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_every_json_number_is_read(number):
    text = str(number)
    assert read_number(text) == Decimal(text)
    assert parse_exact(text.encode()) == text
    assert orjson.loads(text) == number or isinstance(number, int)
