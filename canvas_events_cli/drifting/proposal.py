"""A catalogue that documents what was seen: the schemas in use, widened, and inferred ones for new events."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from canvas_events_cli import pointers
from canvas_events_cli.catalog import Catalog, bundled_schemas
from canvas_events_cli.catalog.dialects import DEFAULT, DIALECTS, Dialect
from canvas_events_cli.catalog.fields import fields_of
from canvas_events_cli.catalog.folder import Folder, Refused, read_bytes
from canvas_events_cli.drifting.infer import inferred
from canvas_events_cli.drifting.report import DriftReport, EventSeen, Fault
from canvas_events_cli.drifting.seen import Seen
from canvas_events_cli.drifting.widen import widened
from canvas_events_cli.outputs import write_folder
from canvas_events_cli.parse import loads
from canvas_events_cli.timestamps import format_utc

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}", re.ASCII)
_ENVELOPE = "envelope.json"
_Files = dict[str, bytes]
"""Contents by path from the folder, ``/`` between its parts."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was written."""

    files: int
    """All files of the new catalogue."""
    changed: tuple[str, ...]
    """Those that differ from the catalogue in use, by path from the folder, in order."""
    refused: int
    """New events without a schema there, as their names could not be trusted as file names."""


def write_proposal(report: DriftReport, catalog: Catalog, schemas: Path | None, folder: Path) -> Proposal:
    """Write to *folder* a catalogue that accepts every event of *report*, and names all fields they have.

    It is the one in *schemas* (None: the bundled one), which *catalog* was loaded from, with the documents changed
    that need it. Raises CeventsError where *folder* has something in it already, or cannot be written.
    """
    files = _read_all(Folder(schemas or bundled_schemas(), "**/*.json"))
    changed, refused = _changes(report, catalog, files)
    write_folder(f"--write {folder}", folder, {**files, **changed})
    return Proposal(len({**files, **changed}), tuple(sorted(changed)), refused)


def _changes(report: DriftReport, catalog: Catalog, files: _Files) -> tuple[_Files, int]:
    changed: _Files = {}
    refused = 0
    taken = {path.casefold() for path in files}
    envelope = loads(files[_ENVELOPE])
    for name, event in report.events.items():
        path = f"bodies/{name}.json"
        body = event.seen.fields.get("body")
        if event.is_new and (not _SAFE_NAME.fullmatch(name) or path.casefold() in taken):
            refused += 1
        elif event.is_new:
            taken.add(path.casefold())
            changed[path] = _dumped(_new_body(name, event, body or Seen(), envelope))
        elif (
            body is not None
            and name in catalog.bodies
            and (document := _wider_body(event, body, files[path], catalog.bodies[name].dialect))
        ):
            changed[path] = document
    if wider := _wider_envelope(report, catalog, envelope):
        changed[_ENVELOPE] = wider
    return changed, refused


def _wider_body(event: EventSeen, body: Seen, raw: bytes, dialect: str) -> bytes | None:
    paths = [path[1:] for path in map(pointers.split, event.undocumented) if path[0] == "body"]
    faults = [fault._replace(path=fault.path[1:]) for fault in event.faults if fault.is_body]
    return _wider(raw, body, paths, faults, DIALECTS[dialect])


def _wider_envelope(report: DriftReport, catalog: Catalog, document: Any) -> bytes | None:
    rows = {field.path: field for field in fields_of(catalog.envelope)}
    looks_into_body = any(path[:1] == ("body",) and len(path) > 1 for path in rows)
    seen = Seen()
    paths: dict[tuple[str, ...], None] = {}
    faults: dict[Fault, None] = {}
    for event in report.events.values():
        seen.merge(event.seen)
        paths |= {path: None for path in map(pointers.split, event.undocumented) if path[0] != "body"}
        # Where both schemas object alike, only the body's fault was kept.
        faults |= {
            fault: None
            for fault in event.faults
            if not fault.is_body or looks_into_body or (fault.path == ("body",) and fault.keyword == "type")
        }
    if "body" in seen.fields and not looks_into_body:
        seen.fields["body"] = Seen(types=seen.fields["body"].types)
    return _wider(orjson.dumps(document), seen, paths, faults, DIALECTS[catalog.envelope.dialect])


def _wider(
    raw: bytes, seen: Seen, undocumented: Iterable[tuple[str, ...]], faults: Iterable[Fault], dialect: Dialect
) -> bytes | None:
    """Return the document *raw* widened; None where nothing had to change."""
    after = widened(loads(raw), seen, undocumented, faults, dialect)
    return None if after == loads(raw) else _dumped(after)


def _new_body(name: str, event: EventSeen, body: Seen, envelope: Any) -> dict[str, Any]:
    """Return a schema for the bodies of an event that is not documented."""
    first, last = (format_utc(time) if time else None for time in (event.sightings.first, event.sightings.last))
    when = f" between {first} and {last}" if first and last else ""
    count = event.sightings.count
    head: dict[str, Any] = {"$schema": DEFAULT.uri}
    identifier = envelope.get("$id") if isinstance(envelope, dict) else None
    if isinstance(identifier, str) and identifier.endswith(f"/{_ENVELOPE}"):
        head["$id"] = f"{identifier.removesuffix(_ENVELOPE)}bodies/{quote(name)}.json"
    return {
        **head,
        "title": re.sub(r"[._-]+", " ", name).strip().capitalize(),
        "description": f"Inferred from {count:,} {'event' if count == 1 else 'events'}{when}: "
        "say which fields are required, and what each means.",
        **inferred(body),
    }


def _dumped(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _read_all(folder: Folder) -> _Files:
    files = {}
    for path in sorted(folder.root.rglob("*.json")):
        try:
            real = folder.enter(path)
        except Refused:
            continue
        if os.path.isfile(real):
            files[path.relative_to(folder.root).as_posix()] = read_bytes(real, folder.shown_path(path))
    return files
