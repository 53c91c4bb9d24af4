"""What has arrived: the line that is kept of it, and what there is to say of the events in it."""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain

import orjson

from canvas_events_cli.framing.framer import Framer
from canvas_events_cli.framing.text import RECORD_SEPARATOR
from canvas_events_cli.json_text import compact
from canvas_events_cli.model import AROUND_JSON, Finding, Framed, Malformed, Record
from canvas_events_cli.parse import ParseError, parse
from canvas_events_cli.running.reading import Read, ReadOptions, events_in
from canvas_events_cli.same_event import event_digest, event_time
from canvas_events_cli.timestamps import Instant, parse_instant
from canvas_events_cli.validation import EventChecker
from canvas_events_cli.validation.report import ReportOptions, ValidationReport
from canvas_events_cli.validation.work import validate_records

_REMEMBERED = 100_000
"""Of so many events copies are known: a queue sends one again within minutes, or after a visibility timeout."""
_DIGESTS = 10_000
_TOLD = ReportOptions(max_findings=20)
"""How many findings are told of one arrival."""


@dataclass(slots=True)
class Arrival:
    """One message or request."""

    line: bytes
    """What is kept, with a line feed."""
    events: int = 0
    malformed: int = 0
    digests: list[bytes] = field(default_factory=list)
    """What tells copies of its events, of the first ones where they are very many."""
    last_event: Instant | None = None
    """The latest time that one of its events happened at."""
    report: ValidationReport | None = None
    """None where nobody wants a verdict."""

    def noting(self, items: Iterable[Read]) -> Iterator[Read]:
        """Yield *items*, and note what there is to know of them: one event at a time, as a message can hold many."""
        for item in items:
            self.malformed += isinstance(item, Malformed)
            self.events += not isinstance(item, Malformed)
            if isinstance(item, Record):
                if len(self.digests) < _DIGESTS:
                    self.digests.append(event_digest(item.value))
                happened = parse_instant(event_time(item.value))
                self.last_event = max(filter(None, (self.last_event, happened)), default=None)
            yield item


def examine(body: bytes, checker: EventChecker | None, reading: ReadOptions) -> Arrival:
    """Return what *body*, the content of a message or a request, is; with *checker*'s verdict, where there is one."""
    arrived = Arrival(one_line(body))
    framer = Framer(reading.max_record_bytes)
    items = arrived.noting(events_in(chain(framer.feed(arrived.line), _end(arrived, framer)), reading))
    if checker is not None:
        arrived.report = validate_records(checker, "", items, _TOLD)
    else:
        deque(items, maxlen=0)
    return arrived


def _end(arrived: Arrival, framer: Framer) -> Iterator[Framed]:
    """Yield what the end of what *arrived* completes, and have readers of the file stop there too.

    What is cut off would go on in the next message otherwise, which is whole. RFC 7464 (section 2.3) has a record
    separator for that.
    """
    if not framer.between_records:
        arrived.line = arrived.line[:-1] + RECORD_SEPARATOR + b"\n"
    yield from framer.finish()


def one_line(body: bytes) -> bytes:
    """Return *body* as a line: as it is, or else, where it has several lines, as JSON: of what is none, a string."""
    text = body.strip(AROUND_JSON)
    if not text or b"\n" in text:
        try:
            parse(text)
            text = compact(text)
        except ParseError:
            text = orjson.dumps(text.decode("utf-8", "backslashreplace"))
    return text + b"\n"


class Tally:
    """What has been kept so far, in figures."""

    def __init__(self) -> None:
        self.arrivals = self.events = self.invalid = self.malformed = self.redelivered = 0
        self.invalid_by_kind: Counter[str] = Counter({"body": 0, "envelope": 0})
        self.refused: Counter[int] = Counter()
        """Requests that were not kept, by the status that answered them."""
        self.last_event: Instant | None = None
        """The latest time that an event said it happened at."""
        self.last_lag: float | None = None
        """Seconds from there to when it was kept, of the last event."""
        self.last_kept: float | None = None
        """Seconds since 1970."""
        self._seen: OrderedDict[bytes, None] = OrderedDict()

    def add(self, arrived: Arrival, name: str, line: int) -> list[Finding]:
        """Count what *arrived*, and is kept in the file *name* on this *line*; return what is wrong with it."""
        self.arrivals += 1
        self.events += arrived.events
        self.malformed += arrived.malformed
        self.last_kept = time.time()
        for digest in arrived.digests:
            self.redelivered += digest in self._seen
            self._seen[digest] = None
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        if arrived.last_event is not None:
            self.last_event = max(self.last_event or arrived.last_event, arrived.last_event)
            self.last_lag = self.last_kept - seconds_of(arrived.last_event)
        report = arrived.report
        if report is None:
            return []
        self.invalid += report.invalid
        for kind in {finding.kind for finding in report.findings} & self.invalid_by_kind.keys():
            self.invalid_by_kind[kind] += 1
        report.shift(line - 1)
        return [replace(finding, source=name) for finding in report.findings]


def seconds_of(instant: Instant) -> float:
    """Return the seconds since 1970 that *instant* is, as exactly as a float can."""
    return instant.seconds + float(f"0.{instant.fraction or 0}")
