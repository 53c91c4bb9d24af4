"""Kinds of findings: how often each occurred, and the file that lists known ones, so that only new ones fail."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import MALFORMED, NO_NAME, Finding
from canvas_events_cli.parse import ParseError, loads

Kind = tuple[str, str, str]
"""What findings have in common: event name, pointer, keyword."""
Place = tuple[str, int]
"""A source, and a line in it."""
_FORM = 1
"""What the file says of itself: which form it has."""
KIND_NAMES = ("event_name", "pointer", "keyword")
_PLACE = re.compile(r"(?:: byte 0x[0-9a-f]{2})?(?: that opens)? (?:at|on) line [0-9]+(?:, column [0-9]+)?")
_NUMBER = re.compile(r"/[0-9]+(?=/|$)")


class Occurrence(NamedTuple):
    """How often a kind of finding occurred, and where first and last."""

    times: int
    first: Place
    last: Place

    def joined(self, later: "Occurrence") -> "Occurrence":
        """Return this and *later* as one; within a source, lines tell what is first."""
        first, last = self.first, later.last
        if self.first[0] == later.first[0]:
            first = min(self.first, later.first)
        if self.last[0] == later.last[0]:
            last = max(self.last, later.last)
        return Occurrence(self.times + later.times, first, last)


def kind_of(finding: Finding) -> Kind:
    """Return the kind of *finding*; each number in its pointer is ``*`` there, as for all elements of an array."""
    return finding.event_name or NO_NAME, _NUMBER.sub("/*", finding.pointer), finding.keyword


def shown_kind(finding: Finding) -> Kind:
    """Return the kind of *finding* for people; of a malformed record, what is wrong with it stands for the pointer."""
    if finding.kind == "malformed":
        return MALFORMED, _PLACE.sub("", finding.message), finding.keyword
    return kind_of(finding)


def baseline_text(kinds: Iterable[Kind]) -> str:
    """Return the file for *kinds*: JSON in ASCII, sorted, a line each, so that a diff shows what came and went."""
    rows = ",\n".join(f"    {json.dumps(dict(zip(KIND_NAMES, kind, strict=True)))}" for kind in sorted(kinds))
    return f'{{\n  "cevents_baseline": {_FORM},\n  "findings": [{rows and chr(10) + rows + chr(10) + "  "}]\n}}\n'


def load_baseline(path: Path) -> frozenset[Kind]:
    """Return the kinds that the file at *path* lists. Raises CeventsError where it cannot be read as a baseline.

    Older ones may list malformed records too, which nothing excuses.
    """
    try:
        document = loads(path.read_bytes())
    except FileNotFoundError as error:
        raise CeventsError(f"--baseline {path}: no such file (--update-baseline writes it)") from error
    except OSError as error:
        raise CeventsError(f"--baseline {path}: cannot be read: {error.strerror}") from error
    except ParseError as error:
        raise CeventsError(f"--baseline {path}: is no JSON; --update-baseline writes it anew") from error
    rows = (
        document.get("findings") if isinstance(document, dict) and document.get("cevents_baseline") == _FORM else None
    )
    kinds = [[row.get(name) for name in KIND_NAMES] if isinstance(row, dict) else [] for row in rows or ()]
    if not isinstance(rows, list) or not all(kind and all(isinstance(part, str) for part in kind) for kind in kinds):
        raise CeventsError(f"--baseline {path}: is no baseline of cevents; --update-baseline writes it anew")
    return frozenset((str(name), str(pointer), str(keyword)) for name, pointer, keyword in kinds)
