"""Drift as JSON, for programs."""

from dataclasses import asdict

from canvas_events_cli.drift.comparison import Drift, NeverSeen, NewEvent, UndocumentedField, UndocumentedTypes


def drift_json(drift: Drift, *, examples: bool) -> dict[str, object]:
    """Return *drift* as JSON values; without *examples* no value of an event is in it."""
    hidden = () if examples else ("example",)
    return {
        "drift": drift.found,
        "events": drift.events,
        "invalid": drift.invalid,
        "malformed": drift.malformed,
        "event_types": drift.event_types,
        "new_events": [_flat(found) for found in drift.new_events],
        "undocumented_fields": [_flat(found, *hidden) for found in drift.undocumented_fields],
        "undocumented_types": [_flat(found) for found in drift.undocumented_types],
        "never_seen": [_flat(found) for found in drift.never_seen],
    }


def _flat(found: NewEvent | UndocumentedField | UndocumentedTypes | NeverSeen, *drop: str) -> dict[str, object]:
    row = asdict(found)
    row |= row.pop("when", {})
    return {name: value for name, value in row.items() if name not in drop}
