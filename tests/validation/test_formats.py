"""Formats and patterns, generated: both engines take the same texts."""

import sys
from pathlib import Path
from typing import Any

import pytest
from engine_pair import write_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canvas_events_cli.catalog.dialects import DIALECTS, Dialect
from canvas_events_cli.regex import UnsupportedPattern, rust_matcher
from canvas_events_cli.regex.automaton import automaton_matcher
from canvas_events_cli.validation import ENGINES, formats
from canvas_events_cli.validation.engines import compile_schema

TWO = st.integers(0, 62).map("{:02}".format)
TIME = st.builds(
    "{}:{}:{}{}{}".format,
    TWO,
    TWO,
    TWO,
    st.sampled_from(["", ".5", ".", ".123456789012"]),
    st.sampled_from(["Z", "z", "", "+00:00", "-05:30", "+24:00", "+5:00", "Z\n", " Z"]),
)
DATE = st.builds("{}-{}-{}".format, st.sampled_from(["2024", "2023", "1900", "0000", "9999", "٢٠٢٤", "24"]), TWO, TWO)
TEXTS: dict[str, Any] = {
    "date": DATE | st.text(max_size=10),
    "time": TIME | st.text(max_size=10),
    "date-time": st.builds("{}{}{}".format, DATE, st.sampled_from(["T", "t", " ", ""]), TIME) | st.text(max_size=10),
}
MODERATE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("name", TEXTS)
def test_dates_and_times(name: str, tmp_path: Path) -> None:
    schema = write_schema(tmp_path, {"format": name})
    fast, reference = (compile_schema(schema, engine).is_valid for engine in ENGINES)

    @MODERATE
    @given(TEXTS[name])
    def agree(text: str) -> None:
        assert fast(text) == reference(text)

    agree()


DATE_TIME = {"format": "date-time"}
EDGES = (
    *("0000-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "0001-12-31T00:00:00Z"),
    *("9998-12-31T23:59:59Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-00:01", "2024-07-30T19:04:35Z", "", "0000"),
)


@pytest.mark.parametrize(
    "schema",
    [
        DATE_TIME,
        {"properties": {"a": DATE_TIME}, "allOf": [{"pattern": "Z"}]},
        {"anyOf": [DATE_TIME, {"maxLength": 3}]},
        {"not": DATE_TIME},
        {"if": DATE_TIME, "then": {"pattern": "Z$"}, "else": {"pattern": "^0"}},
        {"if": {"$ref": "#/$defs/time"}, "else": {"pattern": "^0"}, "$defs": {"time": DATE_TIME}},
        {"not": {"not": DATE_TIME}},
        {"oneOf": [DATE_TIME, {"format": "date-time", "pattern": "Z$"}, {"pattern": "^9"}]},
        {"items": DATE_TIME, "contains": {"format": "date-time", "pattern": "^0"}, "maxContains": 1, "minContains": 0},
    ],
    ids=str,
)
def test_the_calendar_is_the_same_wherever_a_schema_asks_for_it(schema: dict[str, Any], tmp_path: Path) -> None:
    file = write_schema(tmp_path, schema)
    fast, reference = (compile_schema(file, engine) for engine in ENGINES)
    for value in (*EDGES, *({"a": text} for text in EDGES), [*EDGES[3:6]], [EDGES[3]], [*EDGES]):
        assert fast.is_valid(value) == reference.is_valid(value), value
        fast_paths, paths = (
            sorted((str(found.path), found.keyword) for found in engine.violations(value))
            for engine in (fast, reference)
        )
        assert fast_paths == paths, value


SEEDS: dict[str, list[str]] = {
    "date": ["2024-02-29"],
    "date-time": ["2016-12-31T23:59:60Z"],
    "duration": ["P4Y1M3DT12H30M5S", "PT36H", "P2W", "P1YT2S"],
    "email": ["jo.e@b.example", '"j o\\"e"@b.example', "joe@[127.0.0.1]", "joe@[IPv6:::1]"],
    "hostname": ["www.a-b.example", "xn--4gbwdl.xn--wgbh1c", "ab--c.d"],
    "idn-email": ["실례@실례.테스트", '"ü"@b.example'],
    "idn-hostname": ["실례。테스트", "ßς་\u3007", "l·l", "xn--4gbwdl", "bücher.example", "Bücher.example"],
    "ipv4": ["192.0.2.1", "010.1.1.1"],
    "ipv6": ["2001:db8::1", "::ffff:192.0.2.1", "fe80::1%eth0", "1:2:3:4:5:6:7:8"],
    "iri": ["http://ƒøø.ßår/?∂é=πîx#πîüx", "urn:ö", "http://[::1]:80/"],
    "iri-reference": ["//ƒøø:80/b?c#d", "./a:b", "#ö", ""],
    "json-pointer": ["/a~1b/~0/é", ""],
    "regex": ["^(a|b)+$", r"\\p{L}[^x-z]"],
    "relative-json-pointer": ["0#", "12/a~1b"],
    "time": ["23:59:60Z", "18:59:60.5-05:00"],
    "uri": [
        "http://u:p@a.example:80/b/c?d=%20#e",
        "urn:a:b",
        "mailto:a@b",
        "ldap://[2001:db8::7]/c?d",
        "http://[v1.a:b]",
    ],
    "uri-reference": ["//a.example/b", "../c;d?e#f", "a/b:c", ""],
    "uri-template": ["http://a.example/{+x:3,y*}{?q}{#f}", "it's{/a.b}", "%7B{a}"],
    "uuid": ["0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074"],
}
EDITS = st.lists(
    st.tuples(
        st.floats(0, 1, exclude_max=True),
        st.integers(0, 1),
        st.sampled_from(["", *'019²٣-.:/~#{}%@[]()*+?PTYMDHSWxnabfAé\x00\u202e \n"\\\\,;=&_!·']),
    ),
    max_size=3,
)


@pytest.mark.parametrize("name", SEEDS)
def test_both_engines_take_the_same_texts(name: str, tmp_path: Path) -> None:
    schema = write_schema(tmp_path, {"format": name})
    fast, reference = (compile_schema(schema, engine).is_valid for engine in ENGINES)

    @MODERATE
    @given(st.sampled_from(SEEDS[name]), EDITS)
    def agree(text: str, edits: list[tuple[float, int, str]]) -> None:
        for where, removed, inserted in edits:
            at = int(where * (len(text) + 1))
            text = text[:at] + inserted + text[at + removed :]
        assert fast(text) == reference(text), text

    agree()


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS)
def test_both_engines_know_the_same_formats_in_each_draft(dialect: Dialect, tmp_path: Path) -> None:
    for name in [*SEEDS, "color", "phone", "unknown"]:
        schema = write_schema(tmp_path, {"$schema": dialect.uri, "format": name})
        engines = [compile_schema(schema, engine).is_valid for engine in ENGINES]
        fast, reference = (all(map(is_valid, ["", "a b", "\\\\", "(", "{"])) for is_valid in engines)
        assert fast == reference, name


def test_what_idna_forbids_though_it_could_be_mapped(tmp_path: Path) -> None:
    schema = write_schema(tmp_path, {"format": "idn-hostname"})
    for engine in ENGINES:
        is_valid = compile_schema(schema, engine).is_valid
        assert is_valid("bücher.example")
        assert not any(map(is_valid, ["Bücher.example", "a²", "example.com."]))


def test_without_jsonschema_rs_python_has_the_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    for missing in (["jsonschema_rs"], ["jsonschema_rs", "idna"]):
        formats._by_tables.cache_clear()
        for name in missing:
            monkeypatch.setitem(sys.modules, name, None)
        holds = formats._FORMATS["idn-hostname"]
        assert [holds(text) for text in ("bücher.example", "a..b", "²")] == [True, False, False]
    formats._by_tables.cache_clear()


@pytest.mark.parametrize(
    "pattern",
    [
        r"^\s+$",
        r"^\S+$",
        r"[\s-]x",
        r"^[^\s]$",
        r"^[\S]$",
        r"^\d\D$",
        r"^\w\W$",
        r"^.$",
        r"a$",
        r"^\u00e9|\u{1F600}$",
        r"\cJ",
        r"^[\cA-\cZ]$",
        r"\\s",
        r"[\]\s]",
        r"(?i:^É$)",
    ],
)
def test_patterns(pattern: str) -> None:
    fast, reference = rust_matcher(pattern), automaton_matcher(pattern)

    @MODERATE
    @given(
        st.text(
            st.sampled_from("aexs \t\n\v\r\\]-1٣éÉ😀\x01\x85\xa0\u1680\u2003\u2028\ufeff")
            | st.characters(exclude_categories=["Cs"]),
            max_size=3,
        )
    )
    def agree(text: str) -> None:
        assert fast(text) == reference(text)

    agree()


@pytest.mark.parametrize("pattern", ["(?=a)", "(?<!a)b", r"(a)\1", "(", "[", "a{2,1}", "*"])
def test_patterns_that_no_linear_engine_has(pattern: str) -> None:
    for matcher in (rust_matcher, automaton_matcher):
        with pytest.raises(UnsupportedPattern):
            matcher(pattern)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_pattern_takes_linear_time(engine: Any, tmp_path: Path) -> None:
    """On an engine that back-tracks this would take longer than the universe lasts."""
    compiled = compile_schema(write_schema(tmp_path, {"pattern": "^(a+)+$"}), engine)
    assert not compiled.is_valid("a" * 10_000 + "!")


def test_multiples_of_decimals(tmp_path: Path) -> None:
    schema = write_schema(tmp_path, {"multipleOf": 0.01})
    fast, reference = (compile_schema(schema, engine).is_valid for engine in ENGINES)

    @MODERATE
    @given(st.integers(-(10**9), 10**9), st.sampled_from([1, 10, 100, 1000, 8]))
    def agree(number: int, divisor: int) -> None:
        assert fast(number / divisor) == reference(number / divisor)

    agree()
