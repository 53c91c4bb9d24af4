"""Where a finding is, and which finding it is, for the tools that keep findings from run to run."""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from hashlib import sha256
from urllib.parse import quote

from canvas_events_cli.model import Finding
from canvas_events_cli.sources.locate import is_url


def place_of(source: str) -> str:
    """Return *source* as a path from the working directory where it lies in that: hosts know files by such a path.

    With ``/`` between its parts, also where the system has something else.
    """
    try:
        here = os.path.join(os.getcwd(), "")
    except FileNotFoundError:
        here = ""
    return source.removeprefix(here).replace(os.sep, "/").removeprefix("./")


def source_uri(source: str) -> str:
    """Return *source* as a URI reference, percent-encoded: relative to the working directory for what lies in it.

    >>> source_uri("captures/a b.ndjson")
    'captures/a%20b.ndjson'
    """
    if is_url(source):
        return quote(source, safe=":/?&=%~")
    place = place_of(source)
    drive = os.path.splitdrive(place)[0]
    path = quote(os.fsencode(place), safe="/~:" if drive else "/~")
    if path.startswith("//") and drive:
        return f"file:{path}"
    return f"file://{'/' * bool(drive)}{path}" if drive or path.startswith("/") else path


def with_fingerprints(findings: Iterable[Finding]) -> Iterator[tuple[Finding, str]]:
    """Yield each finding with 64 hexadecimal digits that stay the same where lines are only put in or taken out.

    They are made of everything but the line; of findings that agree in all of that, of their number, too.
    """
    seen: Counter[tuple[str | None, ...]] = Counter()
    for finding in findings:
        # A malformed record's message tells a line and a column.
        message = "" if finding.kind == "malformed" else finding.message
        parts = (place_of(finding.source), finding.event_name, finding.kind, finding.pointer, finding.keyword, message)
        seen[parts] += 1
        text = "\0".join(map(str, (*parts, seen[parts])))
        yield finding, sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def left_out(total: int, shown: int) -> str:
    """Return the sentence that says how many findings are not among the *shown*; nothing where all are."""
    more = total - shown
    return f"{more:,} more finding{' is' if more == 1 else 's are'} left out" * (more > 0)
