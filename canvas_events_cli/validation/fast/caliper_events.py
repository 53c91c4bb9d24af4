"""Verdicts on Caliper events, many at a time: by types, where these are valid."""

from collections.abc import Iterator, Sequence
from typing import Any

from orjson import JSONEncodeError, dumps

from canvas_events_cli import caliper
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.framing.fast import NOT_SO
from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.framing.fast.json_types import decoder_of, object_of
from canvas_events_cli.json_text import may_repeat
from canvas_events_cli.model import Record
from canvas_events_cli.running.reading import Read
from canvas_events_cli.validation.engines import ValidationSpec
from canvas_events_cli.validation.fast.object_type import Made, NoType, fields_of, gather, part_of
from canvas_events_cli.validation.findings import Judged, Verdict


class CaliperEvents:
    """Reads batches of Caliper events, and of the envelopes that they are sent in."""

    def __init__(self, spec: ValidationSpec) -> None:
        files = spec.catalog.caliper
        self._strict = spec.strict
        self._types = _types(files["event"], files["envelope"]) if {"event", "envelope"} <= files.keys() else None

    def __call__(self, batch: Batch) -> Iterator[Read | Judged]:
        """Yield verdicts on the events of *batch*, or the events."""
        if (told := self.clean(batch)) is not None:
            yield from told
            return
        for number, (line, text) in enumerate(zip(batch.lines, batch.texts(), strict=True)):
            told = None if self._strict and may_repeat(text) else self._told(text, (line,))
            yield from batch.plain(number) if told is None else told

    def alone(self, record: Record) -> Verdict | None:
        """Return that nothing is to be told of *record*, nor of what it was sent in; None if that may be."""
        sent_in = record.wrapping.envelope if record.wrapping else None
        if self._types is None or self._strict:
            return None
        events, envelopes = self._types
        try:
            event = events.decode(record.raw)
            if sent_in is not None:
                envelopes.decode(dumps(sent_in))
        except (*NOT_SO, JSONEncodeError):
            return None
        return Verdict(f"{event.type}/{event.action}")

    def clean(self, batch: Batch) -> list[Judged] | None:
        """Return that nothing is to be told of all events of *batch*; None if that may be."""
        told = self._told(memoryview(batch.block)[batch.start : batch.end], batch.lines)
        return None if told and self._strict and may_repeat(batch.array()) else told

    def _told(self, texts: bytes | memoryview, lines: Sequence[int]) -> list[Judged] | None:
        """Return that nothing is to be told of the events in *texts*, one on each of *lines*; None if that may be."""
        if self._types is None:
            return None
        events, envelopes = self._types
        try:
            found = [sent.data for sent in envelopes.decode_lines(texts)]
        except NOT_SO:
            try:
                found = [(event,) for event in events.decode_lines(texts)]
            except NOT_SO:
                return None
        if len(found) != len(lines) or not all(found):
            return None
        by_name: dict[str, list[int]] = {}
        for line, sent in zip(lines, found, strict=True):
            for event in sent:
                by_name.setdefault(f"{event.type}/{event.action}", []).append(line)
        return [Judged(Verdict(name), lines) for name, lines in by_name.items()]


def _types(event: SchemaFile, envelope: SchemaFile) -> tuple[Any, Any] | None:
    """Return decoders of valid Caliper events, by ``type`` and ``action``, and of envelopes, by ``data``; or None."""
    made = Made()
    try:
        asked = gather([part_of(event)])
        fields, around = fields_of(asked, made, {}), fields_of(gather([part_of(envelope)]), made, {})
    except NoType:
        return None
    always = [name for name, kind in around.items() if len(kind) == 1]
    if not {"@context", "type", "action"} <= asked.required or not {*caliper.ENVELOPE} <= {*always}:
        return None
    one = object_of(fields, {"type": "type", "action": "action"})
    made.link([one])
    sent = object_of(around | {"data": (list[one],)}, {"data": "data"})  # type: ignore[valid-type]
    return decoder_of(one), decoder_of(sent)
