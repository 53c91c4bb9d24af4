"""The story of a retry: all retries of its assignment, what became of that meanwhile, and how each of them ended."""

from collections.abc import Iterable
from datetime import tzinfo

from canvas_events_cli.browsing.search import Query
from canvas_events_cli.model import Json, Record
from canvas_events_cli.rendering.moments import clock, span
from canvas_events_cli.rendering.overview import overview
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.styled import STYLES, Piece, painted
from canvas_events_cli.same_event import envelope, event_digest, event_name, event_time
from canvas_events_cli.summary.outcomes import Assignments, Ending, ToldByUpdates
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import OLDER_NAME, RETRY_CLONE, body_of, ids_from_url, is_older_retry
from canvas_events_cli.summary.updates import ASSIGNMENT_UPDATED, Updates
from canvas_events_cli.timestamps import NO_TIME, micros_of

_COLOURS = {
    "succeeded": "green",
    "failed": "red",
    "abandoned": STYLES["warning"],
    "timed_out": STYLES["warning"],
    "unknown": "dim",
}


def is_retry(event: Json) -> bool:
    """Tell whether *event* is a retry, under whichever name."""
    name = event_name(event)
    return name == RETRY_CLONE or (name == OLDER_NAME and is_older_retry(event))


def story_query(retry: Record) -> Query:
    """Return what asks for all events that may belong to the story of *retry*: by the ids of its target assignment."""
    link = body_of(retry.value).get("new_assignment_resource_link_id")
    _, _, assignment = ids_from_url(envelope(retry.value).get("url"))
    fields = ("body.new_assignment_resource_link_id", "body.lti_resource_link_id")
    quoted = link.replace("\\", "\\\\").replace('"', '\\"') if isinstance(link, str) and link else None
    return Query(
        where=tuple(f'{field} = "{quoted}"' for field in fields) if quoted else (),
        about=(f"assignment:{assignment}",) if assignment else (),
        any=bool(quoted or assignment),
        events=(RETRY_CLONE, OLDER_NAME, ASSIGNMENT_UPDATED),
        among=False,
    )


def story_lines(retry: Record, found: Iterable[Record], latest: int, tz: tzinfo | None) -> list[str]:
    """Return the story of *retry* as coloured lines: what was *found*; *latest* is the latest instant of any event."""
    retries, updates = Retries(), Updates()
    events: list[tuple[Record, int | None]] = []
    """With the row in *retries* that it has, if it is one."""
    known: set[bytes] = set()
    for record in [retry, *found]:
        if event_name(record.value) == ASSIGNMENT_UPDATED:
            updates.add(record.value)
            events.append((record, None))
        elif is_retry(record.value) and (digest := event_digest(record.value)) not in known:
            events.append((record, len(known)))
            known.add(digest)
            retries.add([record.value])
    assignments = Assignments(retries)
    endings = each_ending(retries, assignments, updates, latest)
    told = [(record, row) for record, row in events if row is None or assignments.rows[row] == assignments.rows[0]]
    told.sort(key=lambda each: micros_of(event_time(each[0].value)))
    lines = [painted([("How this retry ended: ", "bold"), *_ending(endings[0])]), ""]
    for record, row in told:
        about = overview(record)
        state = body_of(record.value).get("workflow_state" if row is None else "status")
        lines.append(
            painted(
                [
                    ("▶ " if record is retry else "  ", "bold"),
                    (visible(clock(about.time, tz) or about.time or "no event_time"), "magenta"),
                    ("  ", ""),
                    (visible(about.event), "") if row is None else ("retry", "bold"),
                    (f"  {visible(state)}" if isinstance(state, str) else "", ""),
                    (f"  {visible(about.who)}" if about.who else "", "dim"),
                ]
            )
        )
        if row is not None:
            lines.append(painted([("    → ", "dim"), *_ending(endings[row])]))
    return lines


def each_ending(retries: Retries, assignments: Assignments, updates: Updates, latest: int) -> dict[int, Ending]:
    """Return how each unique retry ended, by its row, as ``summary.outcomes.how_ended`` counts them."""
    timed = sorted((at, row) for row, at in enumerate(retries.rows.micros) if at != NO_TIME)
    last = {assignments.rows[row]: row for _, row in timed}
    found = {row: Ending() if last[assignments.rows[row]] == row else Ending("failed") for _, row in timed}
    told = ToldByUpdates(retries, assignments, updates).endings(latest) if updates.rows else ()
    return dict.fromkeys(range(retries.unique), Ending()) | found | {row: ending for row, _, ending in told}


def _ending(ending: Ending) -> list[Piece]:
    after = f" after {span(round(ending.seconds))}" if ending.seconds is not None else ""
    return [(ending.outcome.replace("_", " ") + after, _COLOURS[ending.outcome])]
