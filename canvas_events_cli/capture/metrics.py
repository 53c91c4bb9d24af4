"""Figures for Prometheus' textfile collector (the node exporter reads ``*.prom`` in a folder)."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from canvas_events_cli.capture.arrival import Tally, seconds_of
from canvas_events_cli.outputs import Destination, OutputFile

_EVERY_SECONDS = 5.0
_PREFIX = "cevents_capture_"


class MetricsFile:
    """A file that is replaced as a whole, every few seconds."""

    def __init__(self, path: Path) -> None:
        self.destination = Destination(f"--metrics {path}", path)
        self._next = 0.0

    def write_if_due(self, tally: Tally) -> None:
        """Write *tally* where the file is some seconds old. Raises CeventsError where it cannot be written."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + _EVERY_SECONDS
            self.write(tally)

    def write(self, tally: Tally) -> None:
        """Write *tally*. Raises CeventsError where the file cannot be written."""
        with OutputFile(self.destination) as output:
            output.write("".join(_lines(tally)).encode())
            output.commit()


def _lines(tally: Tally) -> Iterator[str]:
    """Yield the lines of the text format, of which Prometheus' documentation tells ("Exposition formats")."""
    yield from _metric("messages_total", "counter", "Messages and requests kept.", tally.arrivals)
    yield from _metric("events_total", "counter", "Events in them.", tally.events)
    yield from _metric("malformed_total", "counter", "Messages and requests that are no JSON.", tally.malformed)
    yield from _metric("redelivered_total", "counter", "Events that had come before.", tally.redelivered)
    invalid = "Events that break the schema of their envelope or of their body."
    yield from _by_label("invalid_total", invalid, "kind", tally.invalid_by_kind)
    yield from _by_label("refused_total", "Requests that were not kept.", "status", tally.refused)
    last = seconds_of(tally.last_event) if tally.last_event else None
    yield from _metric("lag_seconds", "gauge", "From event_time to when the last event was kept.", tally.last_lag)
    yield from _metric("last_event_timestamp_seconds", "gauge", "The latest event_time.", last)
    yield from _metric("last_kept_timestamp_seconds", "gauge", "When the last event was kept.", tally.last_kept)


def _metric(name: str, kind: str, text: str, value: float | None) -> Iterator[str]:
    if value is not None:
        yield from _head(name, kind, text)
        yield f"{_PREFIX}{name} {value!r}\n"


def _by_label(name: str, text: str, label: str, counts: Mapping[Any, int]) -> Iterator[str]:
    yield from _head(name, "counter", text)
    for value, count in sorted(counts.items()):
        yield f'{_PREFIX}{name}{{{label}="{value}"}} {count}\n'


def _head(name: str, kind: str, text: str) -> Iterator[str]:
    yield f"# HELP {_PREFIX}{name} {text}\n# TYPE {_PREFIX}{name} {kind}\n"
