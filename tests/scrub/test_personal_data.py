"""500 events of every name: nothing personal is left, and everything else is as it was."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from scrub.personal_fields import BODY, ENVELOPE, FACTS, KEPT, NESTED, Institution, leaves

from canvas_events_cli import summarize, validate
from canvas_events_cli.canvas_ids import canvas_id, same_object
from canvas_events_cli.sources.locate import locate
from canvas_events_cli.sources.source import Source
from canvas_events_cli.streaming import Events, scrub_parts, scrub_spec

SEED = 20240506
EVENTS = Institution(SEED).events(500)
EVENTS += EVENTS[100:160]
LINES = [json.dumps(event, ensure_ascii=number % 2 == 0).encode() for number, event in enumerate(EVENTS)]


@cache
def scrubbed(key: str = "a key") -> bytes:
    source = Source("<lines>", lines=LINES)
    return b"".join(record for block in scrub_parts(Events([source]), scrub_spec(key=key)) for record in block.records)


@cache
def outcome() -> list[Any]:
    return [json.loads(line) for line in scrubbed().splitlines()]


@cache
def pairs() -> dict[tuple[str, str], None]:
    """Return each personal value with what stands for it, ids as text whatever their JSON type."""
    found = {}
    for before, after in zip(EVENTS, outcome(), strict=True):
        for (_, personal, old), (_, _, new) in zip(leaves(before), leaves(after), strict=True):
            assert type(old) is type(new)
            if personal and old != "" and not (isinstance(old, int) and old < 1000):
                found[str(old), str(new)] = None
    return found


def test_the_list_is_complete() -> None:
    assert set(FACTS["metadata"]) == ENVELOPE | (KEPT & set(FACTS["metadata"]))
    for fact in FACTS["events"].values():
        for name, kind in fact["body"].items():
            if kind not in ("timestamp", "boolean", "number"):
                assert name in BODY | KEPT | NESTED.keys() | {"outcome_proficiency_ratings"}
    assert not (ENVELOPE | BODY) & KEPT


def test_nothing_personal_survives() -> None:
    text = json.dumps(outcome(), ensure_ascii=False).encode()
    # Whatever is not among these cannot be in the text: a look-up is faster than a search of it.
    beginnings = {text[at : at + 8] for at in range(len(text))}
    values = {old for old, _ in pairs() if len(old) >= 4}
    values |= {piece for value in values if "://" in value for piece in re.split(r"[/?=&#]", value) if len(piece) > 7}
    values -= {
        "courses",
        "profile",
        "assignments",
        "retry_alignment_clone",
        "target_course_id",
        "target_assignment_id",
        "search_term",
    }
    assert len(values) > 1500
    suspects = [found for value in values if len(found := value.encode()) < 8 or found[:8] in beginnings]
    # Digits can stand inside other ids by chance.
    found = {value for value in suspects if value in text}
    alone = {value for value in found if not value.isdigit() or re.search(rb"(?<!\d)%b(?!\d)" % value, text)}
    assert alone == set()


def test_what_is_not_personal_stays() -> None:
    for before, after in zip(EVENTS, outcome(), strict=True):
        for (field, personal, old), (same_field, _, new) in zip(leaves(before), leaves(after), strict=True):
            if not personal:
                assert (field, old) == (same_field, new)


def test_pseudonyms_are_one_to_one() -> None:
    assert max(Counter(old for old, _ in pairs()).values()) == 1
    assert max(Counter(new for _, new in pairs()).values()) == 1
    assert all(old != new for old, new in pairs())


def test_pseudonyms_have_the_same_shape() -> None:
    shapes = (r"\d+", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", r"[0-9a-f]{32,40}", r"[0-9A-Za-z]{40}")
    for old, new in pairs():
        for shape in shapes:
            assert bool(re.fullmatch(shape, old)) == bool(re.fullmatch(shape, new))
        if old.isdigit():
            assert len(old) == len(new)
        if "@" in old and "/" not in old:
            assert re.fullmatch(r"[^@]+@[a-z]+\.invalid", new)
        if old.startswith("https:"):
            assert re.match(r"https://[a-z]+\.invalid/", new)


def test_ids_stay_the_same_canvas_object() -> None:
    ids = {old: new for old, new in pairs() if canvas_id(old)}
    sample = sorted(ids)[::5]
    assert len(sample) > 40
    for one in sample:
        for other in sample:
            assert same_object(one, other) == same_object(ids[one], ids[other])


def test_pseudonyms_are_the_same_inside_addresses() -> None:
    known = dict(list(pairs()))
    checked = 0
    for old, new in pairs():
        match = re.search(r"courses/(\d+)/assignments/(\d+)/.*_assignment_id=(\d+)&target_course_id=(\d+)$", old)
        if match:
            now = re.search(r"courses/(\d+)/assignments/(\d+)/.*_assignment_id=(\d+)&target_course_id=(\d+)$", new)
            assert now
            assert now.groups() == tuple(known[number] for number in match.groups())
            checked += 1
        match = re.search(r"sis_login_id:(.*)/profile\?search_term=(.*)", old)
        if match:
            assert f"sis_login_id:{known[match[1]]}/profile?search_term={known[match[2]]}" in new
    assert checked > 50


def test_all_are_as_valid_as_before() -> None:
    before, after = validate(LINES), validate(scrubbed().splitlines())
    assert before.findings == []
    assert after == before


def test_tallies_keep_their_figures() -> None:
    assert figures(summarize(LINES, top=0)) == figures(summarize(scrubbed().splitlines(), top=0))


def figures(report: Any) -> Any:
    """Return the summary without what names somebody, lists in an order that does not depend on it."""

    def strip(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            members = {name: strip(member, name) for name, member in value.items()}
            return sorted(members.values()) if key == "domains" else members
        if isinstance(value, list):
            return sorted((strip(item) for item in value), key=json.dumps)
        return "?" if key.endswith(("_id", "_uuid", "address")) and value is not None else value

    return strip(report.to_dict())


def test_a_key_always_gives_the_same_bytes() -> None:
    again = scrub_parts(Events([Source("<lines>", lines=LINES)]), scrub_spec(key="a key"))
    assert b"".join(record for block in again for record in block.records) == scrubbed()
    others = {new for event in outcome() for _, personal, new in leaves(event) if personal}
    others_by_key = [json.loads(line) for line in scrubbed("another key").splitlines()]
    theirs = {new for event in others_by_key for _, personal, new in leaves(event) if personal and len(str(new)) > 9}
    assert len(theirs & others) < len(theirs) / 100


def test_without_a_key_every_run_differs() -> None:
    assert scrub_spec().key != scrub_spec().key


@pytest.mark.parametrize("path", sorted(Path(__file__).parents[2].glob("samples/*json")), ids=lambda path: path.name)
def test_the_samples_have_the_same_findings_and_figures(path: Path) -> None:
    blocks = list(scrub_parts(Events(locate([str(path)])), scrub_spec(key="k")))
    text = b"".join(record for block in blocks for record in block.records)
    before, after = validate(path), validate([text])
    then, now = (
        [
            (finding.event_name, finding.pointer, finding.keyword)
            for finding in report.findings
            if finding.kind != "malformed"
        ]
        for report in (before, after)
    )
    assert now == then
    assert (after.valid, after.invalid, after.event_types) == (before.valid, before.invalid, before.event_types)
    retries, now_retries = (figures(summarize(source, top=0))["retry_clone"] for source in (path, [text]))
    assert now_retries == retries
