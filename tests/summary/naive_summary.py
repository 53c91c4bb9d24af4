"""The figures of DESIGN's `summarize -o json`, counted again in the plainest way, to hold the real ones against.

Slow, wasteful and independent: nothing of canvas_events_cli is used.
"""

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta

from naive_outcomes import ending, last_ending, same_assignment

RETRY = "outcomes.retry_outcome_alignment_clone"
OLDER = "quizzes_next_quiz_duplicated"
UPDATED = "assignment_updated"


def moment(text):
    """Return the datetime in UTC, "readable" for an instant off the calendar, or None."""
    if not isinstance(text, str) or not re.fullmatch(
        r"(?a)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text
    ):
        return None
    leap = ":60" in text[16:19]
    off_calendar = text.startswith("0000")
    text = text.replace("0000-", "2000-", 1) if off_calendar else text
    try:
        value = datetime.fromisoformat(text.replace(":60", ":59") if leap else text)
        value = value.astimezone(UTC) + timedelta(seconds=leap)
    except ValueError:
        return None
    except OverflowError:
        return "readable"
    if leap and (value.hour, value.minute) != (0, 0):
        return None
    return "readable" if off_calendar else value


def retry_row(event):
    envelope = event.get("metadata") or event.get("attributes")
    body = event.get("body") if isinstance(event.get("body"), dict) else {}
    time = moment(envelope.get("event_time"))
    row = {"time": time if isinstance(time, datetime) else None}
    for name in ("status", "domain", "original_course_uuid", "new_course_uuid", "new_assignment_resource_link_id"):
        row[name] = body.get(name)
    for name in ("context_role", "user_id"):
        row[name] = envelope.get(name)
    row = {key: value if key == "time" or isinstance(value, str) else None for key, value in row.items()}
    url = envelope.get("url") if isinstance(envelope.get("url"), str) else ""
    found = re.search(r"/courses/(\d+)/assignments/(\d+)/retry_alignment_clone", url)
    source, course, assignment = (found and found[1]), None, None
    if found:
        course = re.search(r"[?&]target_course_id=(\d+)", url)
        course = course[1] if course else source
        assignment = re.search(r"[?&]target_assignment_id=(\d+)", url)
        assignment = assignment[1] if assignment else found[2]
    row |= {"source_id": source, "course_id": course, "assignment_id": assignment}
    host = envelope.get("hostname")
    if not isinstance(host, str) or not re.fullmatch(r"[a-z.]+", host):
        host = re.match(r"https://([a-z.]+)/", url)
        host = host and host[1]
    known = found and host and course and assignment
    row["address"] = f"https://{host}/courses/{course}/assignments/{assignment}" if known else None
    row["root"] = text_or_none(envelope.get("root_account_uuid"))
    row["link"], row["course"], row["id"] = row["new_assignment_resource_link_id"], row["new_course_uuid"], assignment
    request = envelope.get("request_id") if envelope.get("request_id") is not None else envelope.get("job_id")
    row["request"] = text_or_none(request)
    row["assignment"] = None if row["link"] is None else (row["link"], row["root"] or "")
    return row


def text_or_none(value):
    return value if isinstance(value, str) else None


def update_row(event):
    envelope = event.get("metadata") or event.get("attributes")
    body = event.get("body") if isinstance(event.get("body"), dict) else {}
    time, number = moment(envelope.get("event_time")), body.get("assignment_id")
    return {
        "time": time if isinstance(time, datetime) else None,
        "request": text_or_none(envelope.get("request_id")),
        "root": text_or_none(envelope.get("root_account_uuid")),
        "link": text_or_none(body.get("lti_resource_link_id")),
        "course": text_or_none(body.get("context_uuid")),
        "id": str(number) if re.fullmatch(r"(?a)\d+", str(number)) else None,
        "state": body.get("workflow_state"),
    }


def is_retry(event):
    envelope = event.get("metadata") or event.get("attributes")
    url = envelope.get("url") if isinstance(envelope.get("url"), str) else ""
    name = envelope.get("event_name")
    return name == RETRY or (name == OLDER and url.split("#")[0].split("?")[0].endswith("/retry_alignment_clone"))


def first_copies(events):
    found = {}
    for event in events:
        found.setdefault(identity(event), event)
    return list(found.values())


def identity(event):
    envelope = event.get("metadata") or event.get("attributes")
    time = moment(envelope.get("event_time"))
    if not isinstance(time, datetime):
        time = json.dumps(envelope.get("event_time"))
    source = envelope.get("request_id") if envelope.get("request_id") is not None else envelope.get("job_id")
    return json.dumps([envelope.get("event_name"), source, str(time), event.get("body")], sort_keys=True)


def text_of(time):
    return time and time.strftime("%Y-%m-%dT%H:%M:%S.").rjust(20, "0") + f"{time.microsecond // 1000:03d}Z"


def ordered(counts):
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def counted(rows, name):
    return ordered(Counter("(none)" if row[name] is None else row[name] for row in rows))


def distinct(rows, name):
    return len({row[name] for row in rows} - {None})


def usual(rows, name):
    counts = Counter(row[name] for row in rows if row[name] is not None)
    return min(counts, key=lambda value: (-counts[value], len(value), value), default=None)


def span(rows):
    times = [row["time"] for row in rows if row["time"]]
    return {"first": text_of(min(times, default=None)), "last": text_of(max(times, default=None))}


def grouped(rows, name):
    keys = {row[name] for row in rows} - {None}
    groups = [(key, [row for row in rows if row[name] == key]) for key in keys]
    return sorted(groups, key=lambda group: (-len(group[1]), group[0]))


def timeline(rows):
    times = sorted(row["time"] for row in rows if row["time"])
    reach = times[-1] - times[0] if times else timedelta()
    bucket = "minute" if reach <= timedelta(hours=3) else "hour" if reach <= timedelta(days=7) else "day"
    cut = {"minute": {}, "hour": {"minute": 0}, "day": {"minute": 0, "hour": 0}}[bucket]
    counts = Counter(time.replace(second=0, microsecond=0, **cut) for time in times)
    return {"bucket": bucket, "counts": [{"start": text_of(at), "retries": counts[at]} for at in sorted(counts)]}


def times_by_name(names, moments):
    times = {}
    for name, moment in zip(names, moments, strict=True):
        if isinstance(moment, datetime):
            times.setdefault(name if isinstance(name, str) and name else "(none)", []).append({"time": moment})
    return {name: span(times[name]) for name in sorted(times)}


def naive_summary(events, top):
    """Return the document for a list of events, each with a usable envelope."""
    names = [(event.get("metadata") or event.get("attributes")).get("event_name") for event in events]
    retries = [event for event in events if is_retry(event)]
    rows = [retry_row(event) for event in first_copies(retries)]
    updated = [event for event, name in zip(events, names, strict=True) if name == UPDATED]
    updates = [update_row(event) for event in updated]  # a copy of one tells nothing else
    moments = [moment((event.get("metadata") or event.get("attributes")).get("event_time")) for event in events]
    latest = max((time for time in moments if isinstance(time, datetime)), default=None)
    outcomes = Counter(ending(row, rows, updates, latest)[0] for row in rows)
    repeated = [group for group in grouped(rows, "assignment") if len(group[1]) > 1]

    def unresolved(members):
        count = 0
        for place, row in enumerate(members):
            if not any(same_assignment(row, before, rows) for before in members[:place]):
                count += last_ending(row, rows, updates, latest)[0] != "succeeded"
        return count

    def last_of(members):
        outcome, seconds = last_ending(members[0], rows, updates, latest)
        return {"last_outcome": outcome, "seconds": seconds, "address": usual(members, "address")}

    return {
        "events": len(events),
        "malformed": 0,
        "event_types": ordered(Counter(n if isinstance(n, str) and n else "(none)" for n in names)),
        "event_type_times": times_by_name(names, moments),
        "retry_clone": {
            "events": len(retries),
            "unique": len(rows),
            "redelivered": len(retries) - len(rows),
            "first_event_time": span(rows)["first"],
            "last_event_time": span(rows)["last"],
            "bad_times": sum(row["time"] is None for row in rows),
            "outcomes": {name: outcomes[name] for name in ("succeeded", "failed", "abandoned", "timed_out", "unknown")},
            "statuses": counted(rows, "status"),
            "domains": counted(rows, "domain"),
            "context_roles": counted(rows, "context_role"),
            "source_courses": distinct(rows, "original_course_uuid"),
            "target_courses": distinct(rows, "new_course_uuid"),
            "target_assignments": distinct(rows, "assignment"),
            "users": distinct(rows, "user_id"),
            "top_target_courses": [
                {
                    "new_course_uuid": key,
                    "target_course_id": usual(members, "course_id"),
                    "retries": len(members),
                    "assignments": distinct(members, "assignment"),
                    "users": distinct(members, "user_id"),
                    "unresolved": unresolved(members),
                    **span(members),
                }
                for key, members in grouped(rows, "new_course_uuid")[:top]
            ],
            "top_source_courses": [
                {
                    "original_course_uuid": key,
                    "source_course_id": usual(members, "source_id"),
                    "retries": len(members),
                    "target_courses": distinct(members, "new_course_uuid"),
                }
                for key, members in grouped(rows, "original_course_uuid")[:top]
            ],
            "top_users": [
                {
                    "user_id": key,
                    "retries": len(members),
                    "assignments": distinct(members, "assignment"),
                }
                for key, members in grouped(rows, "user_id")[:top]
            ],
            "repeated_assignments": [
                {
                    "new_assignment_resource_link_id": key[0],
                    "target_assignment_id": usual(members, "assignment_id"),
                    "new_course_uuid": usual(members, "new_course_uuid") or "(none)",
                    "retries": len(members),
                    **span(members),
                    **last_of(members),
                }
                for key, members in repeated[:top]
            ],
            "timeline": timeline(rows),
        },
    }
