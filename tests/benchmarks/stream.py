"""Streams of events to measure with: made up from the published example, the same for the same seed."""

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

EXAMPLE = json.loads((Path(__file__).parents[1] / "example.json").read_text())
RARE = "zz-once-in-a-stream"
"""The status of a single event in the middle."""
HALF = "outcome_alignment_cloning"
"""The status of every second event."""
_LETTERS = "0123456789abcdefABCDEFxyz"


def retries(events: int, seed: int = 5) -> Iterator[bytes]:
    """Yield *events* retries as lines of some 1,500 bytes: 400 courses, 20,000 assignments, 3,000 users, a month."""
    chance = random.Random(seed)
    courses = ["".join(chance.choices(_LETTERS, k=40)) for _ in range(400)]
    assignments = ["".join(chance.choices(_LETTERS, k=40)) for _ in range(20_000)]
    for number in range(events):
        event = copy.deepcopy(EXAMPLE)
        course = chance.randrange(len(courses))
        event["metadata"] |= {
            "event_time": f"2024-07-{chance.randint(1, 30):02}T{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:"
            f"{chance.randint(0, 59):02}.{chance.randint(0, 999):03}Z",
            "request_id": f"{chance.getrandbits(128):032x}",
            "user_id": str(21070000000000000 + chance.randint(1, 3000)),
            "url": f"http://canvas.docker/api/v1/courses/{course}/assignments/{number % 5000}/retry_alignment_clone"
            f"?target_assignment_id={number % 777}&target_course_id={course + 1}",
        }
        event["body"] |= {
            "new_course_uuid": courses[course],
            "original_course_uuid": chance.choice(courses),
            "new_assignment_resource_link_id": chance.choice(assignments),
            "status": HALF if number % 2 else "failed_to_clone_outcome_alignment",
        }
        if number == events // 2:
            event["body"]["status"] = RARE
        yield _line(event)


def _line(event: Any) -> bytes:
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def every_event_invalid(events: int) -> Iterator[bytes]:
    """Yield retries whose status is null."""
    for line in retries(events):
        yield _line(_with(line, "body", {"status": None}))


def every_event_faulty(events: int, seed: int = 5) -> Iterator[bytes]:
    """Yield retries in each of which a field of the body, by chance, is missing, null, true or 7."""
    chance = random.Random(seed)
    for line in retries(events):
        event = json.loads(line)
        name = chance.choice(list(event["body"]))
        value = chance.choice((None, True, 7, ...))
        event["body"] = {key: event["body"][key] for key in event["body"] if key != name}
        yield _line(event if value is ... else event | {"body": event["body"] | {name: value}})


def every_event_undocumented(events: int) -> Iterator[bytes]:
    """Yield retries with a field in the envelope and one in the body that are not documented."""
    for line in retries(events):
        yield _line(_with(json.dumps(_with(line, "body", {"new_field": 1})).encode(), "metadata", {"new_field": "x"}))


def every_event_another(events: int) -> Iterator[bytes]:
    """Yield one event of each documented kind after another, with the body that its schema gives as an example."""
    schemas = sorted((Path(__file__).parents[2] / "schemas" / "bodies").glob("*.json"))
    bodies = [(path.stem, json.loads(path.read_text())["examples"][0]) for path in schemas]
    for number, line in enumerate(retries(events)):
        name, body = bodies[number % len(bodies)]
        padding = "x" * max(0, 700 - len(json.dumps(body)))
        event = _with(line, "metadata", {"event_name": name, "user_agent": padding})
        yield _line(event | {"body": body})


def _with(line: bytes, part: str, fields: dict[str, object]) -> Any:
    event = json.loads(line)
    event[part] |= fields
    return event


def write(path: Path, lines: Iterator[bytes]) -> Path:
    """Write *lines* to *path*, unless it is there; return it."""
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        with unfinished.open("wb") as file:
            file.writelines(lines)
        unfinished.rename(path)
    return path
