"""Which events of a capture show all that it holds: the first of each shape, and of each kind of mistake."""

import re
from collections import Counter
from collections.abc import Iterator
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
    _needed: Counter[str | None] = field(default_factory=Counter)
    """By event name, how many of the chosen show something new."""
    _spare: dict[str | None, list[int]] = field(default_factory=dict)
    """By event name, the others: their places among the chosen."""
    _stays: list[bool] = field(default_factory=list)
    """Of each event that was chosen, whether it still is."""

    def choose(self, value: object, verdict: Verdict) -> bool:
        """Tell whether an event is chosen, for now.

        One that shows something new always is. So are the first others of its name, until there are ``per_type``; the
        last of these is dropped when one that shows something new comes after them.
        """
        name = verdict.event_name
        spare = self._spare.setdefault(name, [])
        is_new = self._is_new(value, verdict)
        is_full = self._needed[name] + len(spare) >= self.per_type
        if is_new:
            self._needed[name] += 1
            if is_full and spare:
                self._stays[spare.pop()] = False
        elif is_full:
            return False
        else:
            spare.append(len(self._stays))
        self._stays.append(True)
        return True

    def stays(self) -> Iterator[bool]:
        """Tell of each event that was chosen, in order, whether it still is."""
        return iter(self._stays)

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
