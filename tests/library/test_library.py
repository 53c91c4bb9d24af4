"""What the library promises: what it takes, what it says of anything else, and what its reports hold."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from in_process import cevents

import canvas_events_cli
from canvas_events_cli import (
    CeventsError,
    Validator,
    assert_valid,
    count,
    drift,
    sample,
    scrub,
    select,
    summarize,
    validate,
)

TESTS = Path(__file__).parent.parent
SAMPLES = TESTS.parent / "samples"
RETRIES = SAMPLES / "retries.ndjson"
MISTAKES = SAMPLES / "mistakes.ndjson"
EXAMPLE = json.loads((TESTS / "example.json").read_text())
TAKERS: dict[str, Callable[[Any], object]] = {
    "validate": validate,
    "summarize": summarize,
    "drift": drift,
    "select": lambda source: list(select(source)),
    "count": count,
    "scrub": lambda source: list(scrub(source)),
    "sample": lambda source: list(sample(source)),
}


def changed(**body: object) -> dict[str, Any]:
    return {**EXAMPLE, "body": {**EXAMPLE["body"], **body}}


@pytest.mark.parametrize(
    "source",
    [
        RETRIES,
        str(RETRIES),
        RETRIES.read_bytes().splitlines(keepends=True),
        RETRIES.read_text().splitlines(),
        [json.loads(line) for line in RETRIES.read_text().splitlines()],
        select(RETRIES),
        RETRIES.open("rb"),
    ],
    ids=["Path", "str", "bytes lines", "str lines", "dicts", "records", "open file"],
)
def test_a_source_is_a_name_or_gives_events(source: Any) -> None:
    assert validate(source).valid == 26


def test_a_name_is_of_a_folder_or_a_glob_too() -> None:
    every = sum(validate(path).events for path in SAMPLES.glob("*.ndjson"))
    assert validate(str(SAMPLES / "*.ndjson")).events == every
    assert validate(SAMPLES).events > every


@pytest.mark.parametrize("call", TAKERS.values(), ids=TAKERS)
@pytest.mark.parametrize(
    ("source", "told"),
    {
        "bytes": (b"{}", "an iterable of events .*, not bytes"),
        "dict": (EXAMPLE, "an iterable of events .*, not dict"),
        "int": (5, "an iterable of events .*, not int"),
        "None": (None, "an iterable of events .*, not NoneType"),
        "list of int": ([EXAMPLE, 5], "event 2: expected an event as dict, str or bytes, not int"),
        "list of list": ([[EXAMPLE]], "event 1: expected an event as dict, str or bytes, not list"),
        "missing": ("nowhere.ndjson", "nowhere.ndjson: no such file"),
        "no match": ("nowhere*.ndjson", "no file matches"),
        "JSON": (json.dumps(EXAMPLE), "a text names a file"),
    }.values(),
)
def test_anything_else_is_told(call: Callable[[Any], object], source: object, told: str) -> None:
    with pytest.raises(CeventsError, match=told):
        call(source)


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: count(RETRIES, "status <> x"), "!="),
        (lambda: count(RETRIES, 5), "where: expected a str"),  # type: ignore[arg-type]
        (lambda: count(RETRIES, since=5), "--since: expected a str"),  # type: ignore[arg-type]
        (lambda: count(RETRIES, since="yesterday"), "--since: "),
        (lambda: select(RETRIES, about="x"), "KIND:ID"),
        (lambda: summarize(RETRIES, by=[5]), "by: expected a str"),  # type: ignore[list-item]
        (lambda: scrub(RETRIES, key=""), "the key is empty"),
        (lambda: scrub(RETRIES, shift="soon"), "--shift: "),
        (lambda: scrub(RETRIES, key=5), "key: expected a str or bytes, not int"),  # type: ignore[arg-type]
        (lambda: count(RETRIES, limit=-1), "limit: expected an int, 0 or more, not -1"),
        (lambda: select(RETRIES, limit="1"), "limit: expected an int, 0 or more, not str"),  # type: ignore[arg-type]
        (lambda: summarize(RETRIES, top=-1), "top: expected an int, 0 or more, not -1"),
        (lambda: sample(RETRIES, per_type=0), "per_type: expected an int, 1 or more, not 0"),
        (lambda: validate(RETRIES, max_findings=-1), "max_findings: expected an int, 0 or more, not -1"),
        (lambda: validate(RETRIES, jobs=0), "jobs: expected an int, 1 or more, not 0"),
        (lambda: count(RETRIES, valid=0), "valid: expected True or False, not int"),  # type: ignore[arg-type]
        (lambda: count(RETRIES, any="no"), "any: expected True or False, not str"),  # type: ignore[arg-type]
        (lambda: select(RETRIES, unique="no"), "unique: expected True or False, not str"),  # type: ignore[arg-type]
        (lambda: validate(RETRIES, strict="no"), "strict: expected True or False, not str"),  # type: ignore[arg-type]
        (lambda: drift(RETRIES, examples=1), "examples: expected True or False, not int"),  # type: ignore[arg-type]
        (lambda: drift(RETRIES, jobs="2"), "jobs: expected an int, 1 or more, not str"),  # type: ignore[arg-type]
        (lambda: Validator(schemas="nowhere"), "nowhere: no such folder of schemas"),
        (lambda: Validator(schemas=5), "schemas: expected the name of a folder, not int"),  # type: ignore[arg-type]
        (lambda: Validator().check([EXAMPLE]), "dict, str or bytes, not list"),  # type: ignore[arg-type]
    ],
)
def test_wrong_arguments_are_told_at_once(call: Callable[[], object], told: str) -> None:
    with pytest.raises(CeventsError, match=told):
        call()


def test_a_source_that_cannot_be_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "cut.ndjson.gz").write_bytes(b"\x1f\x8b\x08\x00cut")
    (tmp_path / "good.ndjson").write_bytes(RETRIES.read_bytes())
    report = validate(tmp_path)
    assert (report.valid, len(report.failures), report.passed) == (26, 1, False)
    for name, call in TAKERS.items():
        if name != "validate":
            with pytest.raises(CeventsError, match=r"cut\.ndjson\.gz"):
                call(tmp_path)


def test_conditions_and_options_of_selection() -> None:
    assert count(RETRIES) == 26
    assert count(RETRIES, "status = outcome_alignment_cloning") == len([*select(RETRIES, ["status"])]) == 26
    assert count(RETRIES, ["status", "!status"], any=True) == 26
    assert count(RETRIES, ["status", "!status"], invert=True) == 26
    assert count(RETRIES, unique=True) == summarize(RETRIES).to_dict()["retry_clone"]["unique"] == 24
    assert count(RETRIES, events="course_*") == count(RETRIES, valid=False) == count(RETRIES, until="2020-01-01") == 0
    assert [record.line for record in select(RETRIES, limit=2)] == [1, 2]
    assert validate(RETRIES, where="!status").events == drift(RETRIES, events=["x"]).events == 0
    first = next(select(RETRIES))
    assert first.value == json.loads(first.raw)


@pytest.mark.parametrize("path", [RETRIES, MISTAKES], ids=lambda path: path.stem)
def test_reports_are_the_documents_of_the_command(path: Path) -> None:
    reports = {
        "validate": validate(path),
        "summarize": summarize(path, by="status"),
        "drift": drift(path),
    }
    for command, report in reports.items():
        by = ["--by", "status"] if command == "summarize" else []
        document = cevents(command, "-o", "json", *by, path).stdout
        assert json.loads(json.dumps(report.to_dict())) == json.loads(document), command


def test_events_are_those_of_the_command() -> None:
    assert b"".join(scrub(MISTAKES, key="k")) == cevents("scrub", "--key", "k", MISTAKES).stdout
    chosen = b"".join(record.raw + b"\n" for record in sample(RETRIES, per_type=2))
    assert chosen == cevents("sample", "--per-type", "2", RETRIES).stdout


def test_a_validator_checks_one_event() -> None:
    check = Validator().check
    for event in (EXAMPLE, json.dumps(EXAMPLE), json.dumps(EXAMPLE, indent=2).encode()):
        assert check(event) == []
    (found,) = check(changed(status=5))
    assert (found.kind, found.pointer, found.keyword, found.line) == ("body", "/body/status", "type", 1)
    assert check(changed(new_field=1)) == []
    (found,) = Validator(strict=True).check(changed(new_field=1))
    assert (found.pointer, found.keyword) == ("/body/new_field", "undocumented")


def test_a_validator_looks_into_wrappers() -> None:
    check = Validator().check
    message = {"messageId": "1", "receiptHandle": "x", "body": json.dumps(changed(status=5)), "attributes": {}}
    (found,) = check(message)
    assert found.pointer == "/body/status"
    assert check({"Records": [{**message, "body": json.dumps(EXAMPLE), "eventSource": "aws:sqs"}]}) == []


@pytest.mark.parametrize(
    "event", ["", " \n", "no JSON", b"\xff", '{"a": ', {"a": float("inf")}, {"a": {1}}, {1: 2}, {"a": "\ud800"}]
)
def test_what_is_no_json_is_a_malformed_finding(event: Any) -> None:
    (found,) = Validator().check(event)
    assert (found.kind, found.keyword, found.pointer) == ("malformed", "json", "")
    with pytest.raises(AssertionError, match=r"^the event is not valid\nall of it: "):
        assert_valid(event)


@pytest.mark.parametrize("event", ["no JSON", {"a": float("nan")}, {"a": {1}}, {"a": [{1: 2}]}], ids=str)
def test_it_is_one_among_others_too(event: Any) -> None:
    report = validate([EXAMPLE, event, EXAMPLE])
    assert (report.valid, report.malformed, report.passed) == (2, 1, False)
    assert report.findings[0].line == 2


def test_what_holds_no_event_has_not_passed() -> None:
    assert not validate([]).passed
    with pytest.raises(AssertionError, match="an empty list: there is no event in it"):
        assert_valid(b"[]")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
)


@pytest.fixture(scope="module")
def validator() -> Validator:
    return Validator()


@given(event=st.dictionaries(st.sampled_from(["metadata", "body", "x"]) | st.integers(), JSON))
def test_any_dict_gets_findings_and_no_error(validator: Validator, event: dict[Any, Any]) -> None:
    assert validator.check(event)


def test_assertions_name_pointers_and_no_values() -> None:
    assert_valid(EXAMPLE)
    wrong = changed(status=["Ada Lovelace"], domain=5)
    wrong["metadata"] = {**EXAMPLE["metadata"], "user_login": {"Ada": "Lovelace"}, "event_time": "Lovelace"}
    with pytest.raises(AssertionError) as raised:
        assert_valid(wrong)
    told = str(raised.value)
    assert "/body/status: expected a string, got an array of 1 item [type]" in told
    assert "/metadata/event_time: " in told
    assert "Lovelace" not in told


def test_own_schemas() -> None:
    folder = TESTS.parent / "schemas"
    assert_valid(EXAMPLE, schemas=folder)
    assert validate(RETRIES, schemas=str(folder)).passed


def test_one_validator_serves_several_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor

    check = Validator().check
    events = [changed(status=5), EXAMPLE, {"metadata": {}, "body": {}}] * 50
    with ThreadPoolExecutor(4) as executor:
        assert list(executor.map(check, events)) == [check(event) for event in events]


def test_names_are_imported_when_they_are_used() -> None:
    program = (
        "import sys, canvas_events_cli as library\n"
        "assert 'canvas_events_cli.library' not in sys.modules\n"
        "print(*[type(getattr(library, name)).__name__ for name in library.__all__])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == {"function", "type", "str"}
    with pytest.raises(AttributeError, match="nonexistent"):
        canvas_events_cli.nonexistent  # noqa: B018


def test_functions_keep_their_names_when_packages_are_imported() -> None:
    for name in ("validate", "summarize", "drift", "select", "count", "scrub", "sample"):
        assert callable(getattr(canvas_events_cli, name))


@pytest.mark.slow
def test_a_name_that_is_not_there_is_an_error_to_a_type_checker(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text("from canvas_events_cli import Validator, nonexistent\nreveal_type(Validator().check(''))\n")
    done = subprocess.run([sys.executable, "-m", "mypy", str(program)], capture_output=True, text=True, check=False)
    assert 'has no attribute "nonexistent"' in done.stdout
    assert "list[canvas_events_cli.model.Finding]" in done.stdout


def test_an_open_file_gives_its_lines() -> None:
    assert validate(io.BytesIO(RETRIES.read_bytes())).valid == 26


def test_a_misspelt_argument_is_named() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'sinse'; did you mean 'since'"):
        count(RETRIES, sinse="2024-07-30")  # type: ignore[call-arg]
