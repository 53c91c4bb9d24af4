import orjson
import pytest

from canvas_events_cli.model import Record
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.selection import Selection, compile_selection


def holds_in(raw, condition):
    return compile_selection(Selection((parse_condition(condition),)))(Record(1, raw, orjson.loads(raw), True))


def holds(operation, value):
    """Put the field x to the test; *value* is its JSON text, None where it is absent."""
    return holds_in(b"{}" if value is None else b'{"x": %s}' % value.encode(), "/x " + operation)


# By operation: the values (JSON text) that it holds for, and those that it does not.
CASES = {
    "=1": (["1", '"1"', "1.0", "1e0", "10e-1", "100E-2"], ["2", '"1.0"', '"01"', "true", "[1]", "-1", '"1 "']),
    "=-0": (["0", "-0", "0.0", "-0.0", "0e5", '"-0"'], ["1", '"0"', "false", "1e-400"]),
    "=1.10": (["1.1", "1.10", '"1.10"'], ["1.1000000000000001", '"1.1"', "1"]),
    "=1e400": (['"1e400"'], ["1", "1.7976931348623157e308"]),
    "=9007199254740993": (["9007199254740993", "9007199254740993.0"], ["9007199254740992", "9007199254740992.0"]),
    "=12345678901234567890123": (
        ["12345678901234567890123", "12345678901234567890123.0", "1.2345678901234567890123e22"],
        ["12345678901234567890124", "12345678901234567890123.1", "1.2345678901234568e22"],
    ),
    "=true": (["true", '"true"'], ["false", "1", '"True"', "null", None]),
    "=True": (['"True"'], ["true"]),
    "=false": (["false", '"false"'], ["true", "0", "null", None]),
    "=null": (['"null"'], ["null", None]),
    '=""': (['""'], ["null", None, "0", "[]", "{}"]),
    "=Übung": (['"Übung"', r'"\u00dcbung"'], ['"Ubung"']),
    '=["a", 1.0]': (['["a",1.0]', '[ "\\u0061", 1.0 ]', r'"[\"a\", 1.0]"'], ['["a"]', '["a",1]', '["a",2]', '"a"']),
    '={"a": 1, "b": 2}': (['{"b":2,"a":1}', '{"a":1,"b":2}'], ['{"a":1}', '{"a":1,"b":"2"}']),
    "=[12345678901234567890123]": (["[12345678901234567890123]"], ["[12345678901234567890124]"]),
    "=[": (['"["'], ["[]"]),
    "!=1": (["2", '"x"', "null", None, "[1]"], ["1", '"1"', "1.0"]),
    "!=null": (["null", None, "1"], ['"null"']),
    "<10": (["9", '"9"', "9.99", '"-3e5"', "-1", '"0009"', '""'], ["10", '"10"', "11", '"100"', '"x"', "null", None]),
    "<=10": (["10", "10.0", '"1e1"'], ["10.000000000000000000001", '"10.1"']),
    ">10": (["11", '"11"', "10.000000000000000000001", '"x"', "true"], ["10", '"9"', "null", None]),
    ">=9007199254740993": (["9007199254740993.0"], ["9007199254740992.0"]),
    ">12345678901234567890123": (["12345678901234567890124", "1e300"], ["12345678901234567890123", "-1e300"]),
    "<2024-07-30T19:04:35Z": (
        ['"2024-07-30T21:04:34.999+02:00"', '"2016-12-31T23:59:60Z"', '"2024-07-30"', "1"],
        ['"2024-07-30T19:04:35.000Z"', '"2024-07-30T13:04:36-06:00"', '"2024-08"', "null"],
    ),
    ">=2024-07-30T19:04:35.5+00:00": (['"2024-07-30T19:04:35.50Z"'], ['"2024-07-30T19:04:35.49999Z"']),
    "<b": (['"a"', '"B"', '"10"', "10", '""', "[1]"], ['"b"', '"c"', '"é"', "true", '{"a":1}']),
    "~^1\\.10$": (["1.10", '"1.10"'], ["1.1", '"1x10"']),
    "~courses/[0-9]+": (['"x/courses/12/y"'], ['"courses/x"', "null", None]),
    "~(?i)ÜB": (['"übung"'], ['"uebung"']),
    "~^(true|false)$": (["true", "false"], ["null", "1"]),
    """~'"a":1[,}]' """: (['{"a": 1, "b": 2}', '{"a":1}'], ['{"a":10}']),
    "~^$": (['""'], ['"x"', "null", None]),
    "~b": (['"a\\nb"', '["b"]'], ['"a"', '"B"']),
    "!~x": (['"y"', "null", None, "5"], ['"x"', '["x"]']),
    "@565": (
        ["565", '"565"', "21070000000000565", '"21070000000000565"', '"10000000000565"', '"0565"'],
        ["566", "565.0", '"21070000000001565"', '"565x"', "true", "null", None, "[565]", "-565"],
    ),
    "@18446744073709551616": (
        ["18446744073709551616", '"18446744073709551616"', "4073709551616", '"4073709551616"'],
        ["18446744073709551617", "18446744073709551616.0", "18446744073709551615", "1.8446744073709551616e19"],
    ),
    "@99999999999999999999999999999999": (
        ["99999999999999999999999999999999", "9999999999999"],
        ["99999999999999999999999999999998", "1e32"],
    ),
    "@4073709551616": (["18446744073709551616", "4073709551616"], ["18446744073709551617", "-18446744073709551616"]),
    "@21070000000000565": (
        ["565", '"565"', "21070000000000565", '"21070000000000565"'],
        ['"10000000000565"', "10000000000565", '"21070000000000566"', "null"],
    ),
    "": (["1", '""', "false", "0", "[]", "{}"], ["null", None]),
}


@pytest.mark.parametrize(
    ("operation", "value", "expected"),
    [
        pytest.param(operation, value, expected, id=f"{value} {operation}: {expected}")
        for operation, lists in CASES.items()
        for values, expected in zip(lists, (True, False), strict=True)
        for value in values
    ],
)
def test_operators(operation, value, expected):
    assert holds(operation, value) is expected


@pytest.mark.parametrize(("value", "expected"), [("1", False), ("null", True), (None, True), ("false", False)])
def test_absent(value, expected):
    raw = b"{}" if value is None else b'{"x": %s}' % value.encode()
    assert holds_in(raw, "!/x") is expected


DEEP = "[" * 300 + "1.5" + "]" * 300
TOO_DEEP_TO_READ_AGAIN = "[" * 1000 + "1.5" + "]" * 1000


@pytest.mark.parametrize("value", [DEEP, TOO_DEEP_TO_READ_AGAIN], ids=["300 levels", "1000 levels"])
@pytest.mark.parametrize("operation", ["=" + DEEP, "=" + TOO_DEEP_TO_READ_AGAIN, "~1", "@5", "=1.5"])
def test_deep_values_match_no_text(operation, value):
    assert holds(operation, value) is False


def test_a_number_beside_deep_values():
    raw = b'{"x": 1.5, "y": ' + TOO_DEEP_TO_READ_AGAIN.encode() + b"}"
    assert holds_in(raw, "/x>1")
    assert holds_in(raw, "/x=1.5")


def test_values_are_searched_in_linear_time():
    assert not holds("~^(a+)+$", '"' + "a" * 20_000 + 'b"')
