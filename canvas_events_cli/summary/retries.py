"""The unique retry events of a capture, in as little memory as they can be counted exactly from."""

import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field

from canvas_events_cli.model import Json
from canvas_events_cli.same_event import envelope, event_digest
from canvas_events_cli.summary.retry_clone import Subject, subject_of
from canvas_events_cli.summary.timeline import NO_TIME, micros_of


@dataclass(slots=True)
class Retries:
    """Retry events: one row for each unique one, in source order. Append-only.

    A row is a digest, a time and the number of a subject, the latter two in arrays: some 130 bytes, however long
    the event; subjects are kept once. The first copy of an event makes the row, later ones are only counted.
    """

    events: int = 0
    """All retry events, redelivered copies included."""
    digests: dict[bytes, None] = field(default_factory=dict)
    micros: "array[int]" = field(default_factory=lambda: array("q"))
    """``event_time`` in microseconds since 1970; NO_TIME where it is absent, unreadable or off the calendar."""
    numbers: "array[int]" = field(default_factory=lambda: array("I"))
    """Each row's subject, by its place in ``subjects``."""
    subjects: dict[Subject, int] = field(default_factory=dict)

    @property
    def unique(self) -> int:
        """Count the retry events without redelivered copies."""
        return len(self.digests)

    def times(self) -> Iterator[int]:
        """Yield the known times of unique events, in microseconds since 1970."""
        return (micros for micros in self.micros if micros != NO_TIME)

    def add(self, event: Json) -> None:
        """Count *event*, whose name is RETRY_CLONE."""
        self.events += 1
        digest = event_digest(event)
        if digest not in self.digests:
            self._append(digest, micros_of(envelope(event).get("event_time")), subject_of(event))

    def merge(self, later: "Retries") -> None:
        """Add the retry events of the part of the input after this one."""
        self.events += later.events
        subjects = list(later.subjects)
        for digest, micros, number in zip(later.digests, later.micros, later.numbers, strict=True):
            if digest not in self.digests:
                self._append(digest, micros, subjects[number])

    def _append(self, digest: bytes, micros: int, subject: Subject) -> None:
        number = self.subjects.get(subject)
        if number is None:
            number = len(self.subjects)
            # Subjects share most of their strings: those of one course, say.
            self.subjects[Subject(*(part and sys.intern(part) for part in subject))] = number
        self.digests[digest] = None
        self.micros.append(micros)
        self.numbers.append(number)
