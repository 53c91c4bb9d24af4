"""Formats and patterns, generated: both engines take the same texts."""

from pathlib import Path
from typing import Any

import pytest
from engine_pair import write_schema
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canvas_events_cli.regex import UnsupportedPattern, automaton_matcher, rust_matcher
from canvas_events_cli.validation import ENGINES
from canvas_events_cli.validation.engines import load_engine

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
MODERATE = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.mark.parametrize("name", TEXTS)
def test_dates_and_times(name: str, tmp_path: Path) -> None:
    schema = write_schema(tmp_path, {"format": name})
    fast, reference = (load_engine(engine).compile_schema(schema).is_valid for engine in ENGINES)

    @MODERATE
    @given(TEXTS[name])
    def agree(text: str) -> None:
        assert fast(text) == reference(text)

    agree()


@pytest.mark.parametrize(
    "name",
    [
        *("duration", "email", "hostname", "idn-email", "idn-hostname", "ipv4", "ipv6", "iri", "iri-reference"),
        *("json-pointer", "regex", "relative-json-pointer", "uri", "uri-reference", "uri-template", "uuid"),
    ],
)
def test_no_text_breaks_the_reference_engine(name: str, tmp_path: Path) -> None:
    compiled = load_engine("jsonschema").compile_schema(write_schema(tmp_path, {"format": name}))

    @settings(MODERATE, max_examples=100)
    @given(
        st.text(
            st.sampled_from("0129²٣-.:/~#{}%@[]()*+?PTYMDHSWxnabf\x00é\u202e \n")
            | st.characters(exclude_categories=["Cs"]),
            max_size=12,
        )
    )
    def survive(text: str) -> None:
        assert compiled.is_valid(text) == (not list(compiled.violations(text)))

    survive()


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
    compiled = load_engine(engine).compile_schema(write_schema(tmp_path, {"pattern": "^(a+)+$"}))
    assert not compiled.is_valid("a" * 10_000 + "!")


def test_multiples_of_decimals(tmp_path: Path) -> None:
    schema = write_schema(tmp_path, {"multipleOf": 0.01})
    fast, reference = (load_engine(engine).compile_schema(schema).is_valid for engine in ENGINES)

    @MODERATE
    @given(st.integers(-(10**9), 10**9), st.sampled_from([1, 10, 100, 1000, 8]))
    def agree(number: int, divisor: int) -> None:
        assert fast(number / divisor) == reference(number / divisor)

    agree()
