"""Which events of a capture show all that it holds: the first of each shape, and of each kind of mistake."""

import re
from dataclasses import dataclass, field
from hashlib import blake2b

from canvas_events_cli.validation import Verdict

_DIGEST_BYTES = 16
_INDEX = re.compile(r"/[0-9]+(?=/|$)")


@dataclass(slots=True)
class Sampler:
    """Chooses among events that it is shown once, in order. Remembers a digest for each shape and kind of mistake."""

    per_type: int
    """How many events of each name to choose; more where more are needed to show everything."""
    _seen: set[bytes] = field(default_factory=set)
    _chosen: dict[str | None, int] = field(default_factory=dict)
    _spare: dict[str | None, list[int]] = field(default_factory=dict)
    """Numbers of the chosen events that show nothing new, which make room for ones that do."""
    dropped: set[int] = field(default_factory=set)
    """Numbers of events that were chosen, and then made room."""

    def choose(self, number: int, value: object, verdict: Verdict) -> bool:
        """Tell whether event *number* is chosen; numbers are given once and grow.

        An event that shows something new always is. So are the first others of each name, until ``per_type`` is
        reached; the last of these is dropped when one that shows something new comes after them.
        """
        name = verdict.event_name
        chosen = self._chosen.get(name, 0)
        spare = self._spare.setdefault(name, [])
        if self._is_new(value, verdict):
            if chosen >= self.per_type and spare:
                self.dropped.add(spare.pop())
                chosen -= 1
        elif chosen < self.per_type:
            spare.append(number)
        else:
            return False
        self._chosen[name] = chosen + 1
        return True

    def _is_new(self, value: object, verdict: Verdict) -> bool:
        shows = {_digest("shape", verdict.event_name, *sorted(shape_of(value)))}
        shows |= {
            _digest("mistake", finding.event_name, _INDEX.sub("/*", finding.pointer), finding.keyword)
            for finding in verdict.findings
        }
        is_new = not shows <= self._seen
        self._seen |= shows
        return is_new


def shape_of(value: object) -> set[str]:
    """Return the fields of *value* with their types: pointers, elements of arrays as ``*``, each with a type's name."""
    found: set[str] = set()
    rest = [("", value)]
    while rest:
        pointer, value = rest.pop()
        found.add(f"{pointer} {type(value).__name__}")
        if isinstance(value, dict):
            rest += [(f"{pointer}/{name}", member) for name, member in value.items()]
        elif isinstance(value, list):
            rest += [(f"{pointer}/*", element) for element in value]
    return found


def _digest(*parts: str | None) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=_DIGEST_BYTES).digest()
