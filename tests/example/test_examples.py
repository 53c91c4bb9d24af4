"""What is made up is valid, or wrong in just the way that it says; and the same each time."""

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from in_process import cevents

from canvas_events_cli.catalog import Catalog, load_catalog
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.example import Examples, names_for
from canvas_events_cli.model import Finding
from canvas_events_cli.parse import read_object
from canvas_events_cli.summary.retry_clone import RETRY_CLONE
from canvas_events_cli.validation import ENGINES, Engine, ValidationSpec
from canvas_events_cli.wrappers.encodings import read_token

CATALOG = load_catalog()
NAMES = names_for(CATALOG, ["*"])
CEVENTS = [sys.executable, "-m", "canvas_events_cli"]
SEEDS = st.integers(0, 2**64).map(str)


def examples(seed: str = "0", engine: Engine = "jsonschema-rs", catalog: Catalog = CATALOG, **more: Any) -> Examples:
    return Examples(ValidationSpec(catalog, engine, strict=True), seed, **more)


JUDGES = {engine: examples(engine=engine) for engine in ENGINES}


def told(finding: Finding) -> tuple[str | None, str, str, str]:
    return finding.event_name, finding.pointer, finding.keyword, finding.message


def test_every_event_has_an_example() -> None:
    assert set(NAMES) == {*CATALOG.bodies, "AssignableEvent/Submitted"}
    made = [text for text, _ in examples().valid(NAMES, 1)]
    assert len(made) == len(NAMES)
    assert [JUDGES[engine].findings(b"\n".join(made)) for engine in ENGINES] == [[], []]


@given(SEEDS, st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True))
@settings(max_examples=12)
def test_what_is_valid_is_valid_in_both_engines(seed: str, names: list[str]) -> None:
    text = b"\n".join(text for text, _ in examples(seed).valid(names, 8))
    assert [JUDGES[engine].findings(text) for engine in ENGINES] == [[], []]


@given(SEEDS, st.sampled_from(NAMES))
@settings(max_examples=5)
def test_what_is_invalid_has_the_finding_that_it_says_in_both_engines(seed: str, name: str) -> None:
    made = list(examples(seed).invalid([name], None))
    assert len({told(mistake)[1:3] for _, mistake in made if mistake}) == len(made) > 1
    for text, mistake in made:
        assert mistake is not None
        for engine in ENGINES:
            assert list(map(told, JUDGES[engine].findings(text))) == [told(mistake)]


def test_every_keyword_of_the_bundled_schemas_is_among_the_mistakes() -> None:
    made = examples().invalid([RETRY_CLONE], None)
    found = {mistake.keyword for _, mistake in made if mistake}
    assert found == {"required", "type", "minLength", "pattern", "format", "expected", "undocumented"}


def test_the_same_seed_gives_the_same_and_another_others() -> None:
    one, same, other = ([*examples(seed).valid(NAMES[:9], 3)] for seed in ("a", "a", "b"))
    assert one == same
    assert not {text for text, _ in one} & {text for text, _ in other}


def test_times_ascend_and_requests_differ() -> None:
    made = [json.loads(text)["metadata"] for text, _ in examples().valid(["grade_change"], 200)]
    times = [envelope["event_time"] for envelope in made]
    assert times == sorted(set(times))
    causes = [envelope.get("request_id") or envelope["job_id"] for envelope in made]
    assert len(set(causes)) == len(made)


def test_people_and_places_are_the_same_in_all_events() -> None:
    names = ["submission_created", "grade_change", "discussion_entry_created", "course_updated", "account_updated"]
    told: dict[tuple[Any, ...], set[Any]] = {}
    for text, _ in examples().valid([*names, "logged_in"], 100):
        event = json.loads(text)
        envelope, body = event["metadata"], event["body"]
        if who := envelope.get("user_id"):
            told.setdefault(("login", who), set()).add((envelope["user_login"], envelope["user_sis_id"]))
            if "context_role" in envelope:
                told.setdefault(("role", who, envelope["context_type"]), set()).add(envelope["context_role"])
            if envelope["event_name"].startswith(("submission", "discussion")):
                assert int(who) % 10**10 == int(body.get("user_id") or who) % 10**10
        if "context_id" in envelope:
            told.setdefault(("place", envelope["context_id"]), set()).add(envelope["context_sis_source_id"])
        assert envelope["event_name"] != "logged_in" or "context_id" not in envelope
    assert {len(one) for one in told.values()} == {1}
    logins = [login for key, same in told.items() if key[0] == "login" for login, _ in same]
    assert len(set(logins)) == len(logins) > 50


def test_what_is_to_come_stays() -> None:
    made = [json.loads(text) for text, _ in examples().valid(["assignment_created", "assignment_updated"], 30)]
    made += [json.loads(text) for text, _ in examples("b").stories(2) if b"due_at" in text]
    assert {event["body"]["due_at"] for event in made if event["body"].get("due_at")} == {"2024-09-20T05:59:59Z"}
    assert {(event["body"].get("updated_at") or "")[:19] <= event["metadata"]["event_time"] for event in made} == {True}


def test_addresses_of_caliper_name_its_objects() -> None:
    event = json.loads(next(examples().valid(["AssignableEvent/Submitted"], 1)).text)["data"][0]
    course, assignment = (
        int(urn.rpartition(":")[2]) % 10**10 for urn in (event["group"]["id"], event["object"]["assignable"]["id"])
    )
    assert event["referrer"].endswith(f"/courses/{course}/assignments/{assignment}")


def test_some_fields_lack_and_others_never() -> None:
    bodies = [json.loads(text)["body"] for text, _ in examples().valid(["assignment_created"], 64)]
    share = sum(body.get("due_at") is not None for body in bodies) / len(bodies)
    assert 0.5 < share < 1
    assert all(body["title"] and body["workflow_state"] and body["assignment_group_id"] for body in bodies)


def test_captures_of_two_seeds_have_the_same_shares() -> None:
    names = NAMES[::16]
    shares = [
        Counter(
            (event["metadata"]["event_name"], part, key)
            for text, _ in examples(seed).valid(names, 40)
            if "metadata" in (event := json.loads(text))
            for part in ("metadata", "body")
            for key in event[part]
        )
        for seed in ("one", "another")
    ]
    assert shares[0] == shares[1]
    assert len(set(shares[0].values())) > 5, "some are there more often than others"


@given(SEEDS, st.integers(1, 3))
@example("0", 40)
@settings(max_examples=6)
def test_a_story_ends_well(seed: str, count: int) -> None:
    done = cevents_on(b"\n".join(text for text, _ in examples(seed).stories(count)), "summarize", "-o", "json")
    retries = done["retry_clone"]
    assert retries["events"] == retries["unique"] == done["event_types"][RETRY_CLONE]
    ends = {"succeeded": count, "failed": retries["unique"] - count}
    assert retries["outcomes"] == ends | dict.fromkeys(("abandoned", "timed_out", "unknown"), 0)
    assert retries["target_assignments"] == retries["source_courses"] == retries["target_courses"] == count
    assert all(row["last_outcome"] == "succeeded" and row["address"] for row in retries["repeated_assignments"])


def cevents_on(text: bytes, *arguments: str) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        (path := Path(folder) / "events.ndjson").write_bytes(text)
        return json.loads(cevents(*arguments, path).stdout)


@pytest.mark.parametrize(("kind", "is_pem"), [("RSA", True), ("EC", False)])
def test_tokens_are_verified_and_the_same(tmp_path: Path, kind: str, is_pem: bool) -> None:
    from joserfc.jwk import ECKey, RSAKey

    key: RSAKey | ECKey = RSAKey.generate_key(2048) if kind == "RSA" else ECKey.generate_key("P-256")
    file, keys, events = (tmp_path / name for name in ("key", "keys.json", "events"))
    file.write_bytes(key.as_pem(private=True) if is_pem else json.dumps(key.as_dict(private=True)).encode())
    before = file.read_bytes()
    arguments = ("example", "course_*", "-n", "2", "--wrap", "jwt", "--key", file)
    events.write_bytes(cevents(*arguments, "--write-jwks", keys).stdout)
    assert events.read_bytes() == cevents(*arguments).stdout
    claims = [read_object(token.claims) for token in map(read_token, events.read_bytes().split()) if token]
    assert claims
    assert all(each is not None and each["exp"] > time.time() for each in claims), "a consumer takes no expired token"
    report = json.loads(cevents("validate", "--strict", "--jwks", keys, "-o", "json", events).stdout)
    assert report["valid"] == report["events"] == 2 * len(names_for(CATALOG, ["course_*"]))
    assert not {"d", "p", "q"} & json.loads(keys.read_bytes())["keys"][0].keys()
    with pytest.raises(CeventsError, match="which is read"):
        cevents(*arguments, "--write-jwks", file)
    assert file.read_bytes() == before


def test_a_closed_pipe_ends_it() -> None:
    command = [*CEVENTS, "example", "logged_in", "-n", "100000000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b'{"metadata":{"event_name":"logged_in"')
        process.stdout.close()
        assert process.wait(60) == 141
        assert process.stderr.read() == b""


BODY: dict[str, Any] = {
    "type": "object",
    "required": ["id", "kind", "score", "tags", "at", "sure"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9]+$"},
        "kind": {"enum": ["a", "b"]},
        "score": {"type": "number", "minimum": 3, "maximum": 4, "multipleOf": 0.5},
        "tags": {"type": "array", "items": {"type": "string", "minLength": 3, "maxLength": 5}, "minItems": 2},
        "at": {"type": "string", "format": "date-time"},
        "sure": {"const": True},
        "more": {"anyOf": [{"type": "object", "properties": {"x": {"type": "integer", "exclusiveMinimum": 7}}}]},
    },
}


def test_a_schema_without_examples_will_do(tmp_path: Path) -> None:
    (path := tmp_path / "own.json").write_text(json.dumps(BODY))
    catalog = load_catalog(bodies=[f"own={path}"])
    made = examples(catalog=catalog)
    body = json.loads(next(made.valid(["own"], 1)).text)["body"]
    assert (body["score"], len(body["tags"]), body["sure"]) == (3, 2, True)
    kinds = {(found.pointer, found.keyword) for _, found in made.invalid(["own"], None) if found}
    ours = {(pointer, keyword) for pointer, keyword in kinds if pointer.startswith("/body/")}
    assert ours >= {
        *(("/body/kind", "enum"), ("/body/score", "minimum"), ("/body/score", "maximum"), ("/body/tags", "minItems")),
        *(
            ("/body/tags/0", "minLength"),
            ("/body/tags/0", "maxLength"),
            ("/body/id", "pattern"),
            ("/body/at", "format"),
        ),
        *(("/body/sure", "const"), ("/body/score", "multipleOf")),
    }


def test_ids_that_a_schema_does_not_allow_are_not_made(tmp_path: Path) -> None:
    (path := tmp_path / "own.json").write_text(
        json.dumps({"properties": {"course": {"x-refers": "course", "pattern": "^56[0-9]$", "examples": ["565"]}}})
    )
    made = examples(catalog=load_catalog(bodies=[f"own={path}"])).valid(["own"], 3)
    assert {json.loads(text)["body"].get("course") for text, _ in made} <= {"565", None}


def test_kinds_may_be_called_anything(tmp_path: Path) -> None:
    (path := tmp_path / "own.json").write_text(
        json.dumps({"properties": {"it": {"x-refers": "An odd-kind)%s", "examples": ["5120", "abcdefabcdef-5120"]}}})
    )
    made = examples(catalog=load_catalog(bodies=[f"own={path}"])).valid(["own"], 40)
    found = {json.loads(text)["body"]["it"] for text, _ in made}
    assert all(text.endswith("120") or text.startswith("abcdefabc") for text in found)
    assert len(found) > 5


def test_what_is_told_is_what_validate_tells_of_a_pipe() -> None:
    made = subprocess.run([*CEVENTS, "example", "logged_in", "--invalid"], capture_output=True, check=True)
    found = subprocess.run([*CEVENTS, "validate", "--strict"], input=made.stdout, capture_output=True, check=False)
    assert found.stdout == made.stderr


def test_a_schema_that_nothing_fits_is_told(tmp_path: Path) -> None:
    (path := tmp_path / "own.json").write_text(
        json.dumps({"properties": {"x": {"pattern": "^q{7}$"}}, "required": ["x"]})
    )
    with pytest.raises(CeventsError, match=r"own: no valid event .*\(/body/x expected"):
        next(islice(examples(catalog=load_catalog(bodies=[f"own={path}"])).valid(["own"], 1), 1))
