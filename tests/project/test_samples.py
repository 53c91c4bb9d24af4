"""The samples hold what their README says, and nothing that could belong to anyone.

Drop a sample into the folder and its tests run; they fail until the README tells what it holds. What the command
says of each sample is in ``transcripts/validate/sample_*``.
"""

import gzip
import ipaddress
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import referencing
from referencing.jsonschema import DRAFT202012

from canvas_events_cli import validate
from canvas_events_cli.same_event import event_digest
from canvas_events_cli.timestamps import is_date_time

HERE = Path(__file__).parents[1]
SAMPLES = HERE.parent / "samples"
SCHEMAS = HERE.parent / "schemas"
README = (SAMPLES / "README.md").read_text()
FILES = sorted(path for pattern in ("*.json", "*.ndjson", "*.ndjson.gz") for path in SAMPLES.glob(pattern))
FACTS = json.loads((HERE / "facts" / "live_events.json").read_text())["events"]

_MALFORMED = object()


def rows(heading: str) -> list[list[str]]:
    """Return the rows of the README's table whose first heading is *heading*."""
    table = re.search(rf"^\| {heading} \|.*\n\|[-| ]+\|\n((?:\|.*\n)+)", README, re.MULTILINE)
    assert table
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table[1].splitlines()]


MISTAKES = {int(line): found for line, _, found in rows("line")}


DOCUMENTS = {path: json.loads(path.read_text()) for path in SCHEMAS.rglob("*.json")}
REGISTRY: referencing.Registry[Any] = referencing.Registry().with_contents(
    [(schema["$id"], schema) for schema in DOCUMENTS.values()], default_specification=DRAFT202012
)


def checker(path: Path) -> Any:
    kind = jsonschema.Draft202012Validator
    return kind(DOCUMENTS[path], registry=REGISTRY, format_checker=kind.FORMAT_CHECKER)


ENVELOPE = checker(SCHEMAS / "envelope.json")
BODIES = {path.stem: checker(path) for path in SCHEMAS.glob("bodies/*.json")}


def events(path: Path) -> list[Any]:
    """Return every record, ``_MALFORMED`` where it cannot be read: NDJSON by lines, other JSON value after value."""
    if ".ndjson" in path.suffixes:
        return [parsed(line) for line in content(path).split(b"\n") if line]
    text = path.read_text()
    if text.startswith("["):
        return list(json.loads(text))
    return [json.loads(event) for event in re.split(r"(?<=^})\n", text, flags=re.MULTILINE) if event]


def content(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def parsed(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return _MALFORMED


def findings(event: Any) -> str:
    """Return what is wrong with *event* in the words of the README's second table."""
    if event is _MALFORMED:
        return "malformed"
    found = [words("envelope", "", error) for error in ENVELOPE.iter_errors(event)]
    body = event.get("body") if isinstance(event, dict) else None
    name = (event.get("metadata") or event.get("attributes", {})).get("event_name") if body is not None else None
    if isinstance(body, dict) and name in BODIES:
        found += [words("body", "/body", error) for error in BODIES[name].iter_errors(body)]
    return ", ".join(found) or "nothing"


def words(kind: str, root: str, error: jsonschema.ValidationError) -> str:
    missing = error.message.split("'")[1:2] if error.validator == "required" else []
    pointer = root + "".join(f"/{token}" for token in [*error.absolute_path, *missing])
    return f"{kind} `{error.validator}` {pointer or '(the whole event)'}"


# Caliper's events are not in the facts; transcripts and test_caliper.py look at these.
@pytest.mark.parametrize("path", [path for path in FILES if path.stem != "caliper"], ids=lambda path: path.name)
def test_a_sample_holds_what_the_readme_counts(path: Path) -> None:
    counts = next(cells[1:5] for cells in rows("file") if cells[0] == f"[{path.name}]({path.name})")
    kinds = {"nothing": "valid", "malformed": "malformed"}
    found = Counter(kinds.get(findings(event), "invalid") for event in events(path))
    assert [int(count) for count in counts] == [found.total(), found["valid"], found["invalid"], found["malformed"]]


def test_every_mistake_is_found_as_the_readme_says() -> None:
    lines = enumerate((SAMPLES / "mistakes.ndjson").read_bytes().split(b"\n"), start=1)
    found = {line: findings(parsed(text)) if text else "nothing" for line, text in lines}
    assert {line: said for line, said in found.items() if line in MISTAKES} == MISTAKES
    assert {said for line, said in found.items() if line not in MISTAKES} == {"nothing"}
    total = sum(len(said.split(", ")) for said in MISTAKES.values() if said != "nothing")
    assert f"It has {total} findings." in README


def test_strict_mode_finds_more_in_the_mistakes_only() -> None:
    found = {path.name: validate(path, strict=True) for path in FILES}
    undocumented = {
        name: {finding.line for finding in report.findings if finding.keyword == "undocumented"}
        for name, report in found.items()
    }
    assert {name: lines for name, lines in undocumented.items() if lines} == {"mistakes.ndjson": {3, 20, 45, 46}}
    assert "With `--strict`, lines 3, 20, 45 and 46" in " ".join(README.split())


def test_the_retries_hold_two_redeliveries() -> None:
    digests = [event_digest(event) for event in events(SAMPLES / "retries.ndjson")]
    first = {digest: line for line, digest in reversed(list(enumerate(digests, start=1)))}
    assert {line: first[digest] for line, digest in enumerate(digests, start=1) if first[digest] != line} == {
        19: 2,
        26: 4,
    }


@pytest.mark.parametrize(
    "name", ["retries", "retry-story", "new-quizzes", "mixed", "last-week", "this-week", "pretty", "array"]
)
def test_bodies_agree_with_the_facts(name: str) -> None:
    (path,) = SAMPLES.glob(f"{name}.*json*")
    for event in events(path):
        fields = FACTS[(event.get("metadata") or event["attributes"])["event_name"]]
        body = event["body"]
        assert not [field for field in fields["identified_by"] if body.get(field) is None]
        for field, value in body.items():
            assert value is None or fits(fields["body"][field], value), (fields, field)


def fits(kind: str, value: Any) -> bool:
    match kind:
        case "id":
            return re.fullmatch("[0-9]+", str(value)) is not None
        case "timestamp":
            return is_date_time(value)
        case "any":
            return True
        case "id or empty":
            return re.fullmatch("[0-9]*", str(value)) is not None
        case _:
            types = {"string": str, "boolean": bool, "number": (int, float), "object": dict, "array": list}
            return isinstance(value, types[kind])


_RESERVED = re.compile(r"(?:[\w-]+\.)*example\.(?:com|edu|net|org)")
_DOCUMENTATION = [
    ipaddress.ip_network(network) for network in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_belongs_to_anyone(path: Path) -> None:
    text = content(path).decode("latin-1")
    hosts = re.findall(r"(?:https?://|[\w.]@)([^/\"'?<]+)", text)
    hosts += re.findall(r"['\"](?:domain|hostname)['\"]: ?['\"]([^'\"]+)", text)
    assert hosts
    assert {host for host in hosts if not _RESERVED.fullmatch(host)} <= {"purl.imsglobal.org"}
    for address in re.findall(r"['\"]client_ip['\"]: ?['\"]([^'\"]+)", text):
        assert any(ipaddress.ip_address(address) in network for network in _DOCUMENTATION), address
