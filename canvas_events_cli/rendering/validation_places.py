"""Where a finding is, and which finding it is, for the tools that keep findings from run to run."""

import os
from collections import Counter
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


class Fingerprints:
    """Names findings so that the names stay the same where lines are only put in or taken out."""

    def __init__(self) -> None:
        self._seen: Counter[bytes] = Counter()

    def of(self, finding: Finding) -> str:
        """Return 64 hexadecimal digits for *finding*, the next one.

        They are made of everything but the line; of findings that agree in all of that, of their number, too.
        """
        # A malformed record's message tells a line and a column.
        message = "" if finding.kind == "malformed" else finding.message
        parts = (place_of(finding.source), finding.event_name, finding.kind, finding.pointer, finding.keyword, message)
        alike = sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass"))
        self._seen[alike.digest()] += 1
        alike.update(b"\0%d" % self._seen[alike.digest()])
        return alike.hexdigest()


def left_out(total: int, shown: int) -> str:
    """Return the sentence that says how many findings are not among the *shown*; nothing where all are."""
    more = total - shown
    return f"{more:,} more finding{' is' if more == 1 else 's are'} left out" * (more > 0)
