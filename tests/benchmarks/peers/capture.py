"""A capture to hold the tools' documents against each other by: retries, their copies, and how they ended."""

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import stream

_STATES = ("published", "unpublished", "failed_to_clone_outcome_alignment", "deleted", "duplicating")


def capture(retries: int, seed: int = 1) -> list[bytes]:
    """Return the lines of a capture of so many *retries*, in any order.

    Their times have offsets, a twentieth came twice, a tenth has no link id, and some are of another root account; of
    most there are updates of the assignment: its own, and how it ended.
    """
    chance = random.Random(seed)
    sent: list[Any] = []
    for line in stream.retries(retries, seed):
        event = json.loads(line)
        envelope, body = event["metadata"], event["body"]
        moment = datetime.fromisoformat(envelope["event_time"])
        if chance.random() < 0.7:
            zone = timezone(timedelta(minutes=chance.choice([-360, 0, 330])))
            envelope["event_time"] = moment.astimezone(zone).isoformat(timespec="milliseconds")
        body["new_assignment_resource_link_id"] = f"link{chance.randrange(retries // 2)}"
        if chance.random() < 0.1:
            del body["new_assignment_resource_link_id"]
        if chance.random() < 0.05:
            envelope["root_account_uuid"] = "another"
        sent += event, *_updates(event, moment, chance)
    sent += chance.sample(sent, len(sent) // 20)
    chance.shuffle(sent)
    return [json.dumps(event, separators=(",", ":")).encode() + b"\n" for event in sent]


def _updates(retry: Any, moment: datetime, chance: random.Random) -> Iterator[Any]:
    envelope, body = retry["metadata"], retry["body"]
    subject = {
        "assignment_id": envelope["url"].split("target_assignment_id=")[1].split("&")[0],
        "context_uuid": body["new_course_uuid"],
    }
    if "new_assignment_resource_link_id" in body and chance.random() < 0.8:
        subject["lti_resource_link_id"] = body["new_assignment_resource_link_id"]
    own = (envelope["request_id"], 0.5, "outcome_alignment_cloning")
    end = (f"{chance.getrandbits(128):032x}", chance.uniform(1, 9000), chance.choice(_STATES))
    for request, seconds, state in (own, end):
        if chance.random() < 0.5:
            time = (moment + timedelta(seconds=seconds)).isoformat(timespec="microseconds")
            told = {"event_name": "assignment_updated", "event_time": time, "request_id": request}
            yield {"metadata": envelope | told, "body": subject | {"workflow_state": state}}
