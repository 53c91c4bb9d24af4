"""Which fields of a valid event may be misspelt: undocumented ones that are near a documented one."""

from canvas_events_cli import pointers
from canvas_events_cli.model import Record
from canvas_events_cli.validation.checker import EventChecker
from canvas_events_cli.validation.engines import NOT_DOCUMENTED, Violation
from canvas_events_cli.validation.findings import Verdict, hints


def misspelt(record: Record, verdict: Verdict, checker: EventChecker) -> dict[str, str]:
    """Return by pointers the ends of messages that ask what is meant, of the undocumented fields outside of arrays."""
    event = record.value
    paths = [path for pointer in verdict.undocumented_fields if "*" not in (path := pointers.split(pointer))]
    if not paths or not isinstance(event, dict):
        return {}
    hint = hints(event, checker.applying(event)[1].outline, paths)
    told = ((path, hint(Violation(path, NOT_DOCUMENTED))) for path in paths)
    return {pointers.join("", *path): text for path, text in told if text}
