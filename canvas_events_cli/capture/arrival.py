"""What has arrived: the line that is kept of it, and what there is to say of the events in it."""

import time
from collections import Counter, OrderedDict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

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
_PREFIX = "cevents_capture_"
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


def examine(body: bytes, checker: EventChecker | None, reading: ReadOptions) -> Arrival:
    """Return what *body*, the content of a message or a request, is; with *checker*'s verdict, where there is one."""
    arrived = Arrival(one_line(body))
    framer = Framer(reading.max_record_bytes)

    def framed() -> Iterator[Framed]:
        yield from framer.feed(arrived.line)
        # What is cut off would go on in the next message otherwise, which is whole. RFC 7464 (section 2.3) has a record
        # separator for that: readers of the file stop there too.
        if not framer.between_records:
            arrived.line = arrived.line[:-1] + RECORD_SEPARATOR + b"\n"
        yield from framer.finish()

    def noted() -> Iterator[Read]:
        for item in events_in(framed(), reading):  # one event at a time, as a message can hold many
            arrived.malformed += isinstance(item, Malformed)
            arrived.events += not isinstance(item, Malformed)
            if isinstance(item, Record):
                if len(arrived.digests) < _DIGESTS:
                    arrived.digests.append(event_digest(item.value))
                happened = parse_instant(event_time(item.value))
                arrived.last_event = max(filter(None, (arrived.last_event, happened)), default=None)
            yield item

    if checker is not None:
        arrived.report = validate_records(checker, "", noted(), _TOLD)
    else:
        deque(noted(), maxlen=0)
    return arrived


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
            self.last_lag = self.last_kept - _seconds_of(arrived.last_event)
        report = arrived.report
        if report is None:
            return []
        self.invalid += report.invalid
        for kind in {finding.kind for finding in report.findings} & self.invalid_by_kind.keys():
            self.invalid_by_kind[kind] += 1
        report.shift(line - 1)
        return [replace(finding, source=name) for finding in report.findings]

    def exposition(self) -> str:
        """Return them in the text format of which Prometheus' documentation tells ("Exposition formats")."""
        last = _seconds_of(self.last_event) if self.last_event else None
        invalid, refused = (
            {f'{{{label}="{value}"}}': count for value, count in sorted(counts.items())}
            for label, counts in (("kind", self.invalid_by_kind), ("status", self.refused))
        )
        figures: list[tuple[str, str, Mapping[str, float | None]]] = [
            ("messages_total", "Messages and requests kept.", {"": self.arrivals}),
            ("events_total", "Events in them.", {"": self.events}),
            ("malformed_total", "Messages and requests that are no JSON.", {"": self.malformed}),
            ("redelivered_total", "Events that had come before.", {"": self.redelivered}),
            ("invalid_total", "Events that break the schema of their envelope or of their body.", invalid),
            ("refused_total", "Requests that were not kept.", refused),
            ("lag_seconds", "From event_time to when the last event was kept.", {"": self.last_lag}),
            ("last_event_timestamp_seconds", "The latest event_time.", {"": last}),
            ("last_kept_timestamp_seconds", "When the last event was kept.", {"": self.last_kept}),
        ]
        lines = []
        for name, text, values in figures:
            if None not in values.values():
                kind = "counter" if name.endswith("_total") else "gauge"
                lines.append(f"# HELP {_PREFIX}{name} {text}\n# TYPE {_PREFIX}{name} {kind}\n")
                lines += [f"{_PREFIX}{name}{label} {value!r}\n" for label, value in values.items()]
        return "".join(lines)


def _seconds_of(instant: Instant) -> float:
    """Return the seconds since 1970 that *instant* is, as exactly as a float can."""
    return instant.seconds + float(f"0.{instant.fraction or 0}")
