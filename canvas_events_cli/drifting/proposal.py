"""A catalogue that documents what was seen: the schemas in use, widened, and inferred ones for new events."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any
from urllib.parse import quote

import orjson

from canvas_events_cli.catalog import Catalog, SchemaFile, bundled_schemas
from canvas_events_cli.catalog.dialects import DEFAULT
from canvas_events_cli.catalog.fields import fields_of
from canvas_events_cli.catalog.folder import Folder, read_bytes
from canvas_events_cli.drifting.report import DriftReport, EventSeen, Objection, Seen, inferred
from canvas_events_cli.drifting.widen import widened
from canvas_events_cli.errors import counted
from canvas_events_cli.outputs import write_folder
from canvas_events_cli.parse import loads
from canvas_events_cli.timestamps import format_utc
from canvas_events_cli.validation.engines import Path

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


def write_proposal(report: DriftReport, catalog: Catalog, schemas: FilePath | None, folder: FilePath) -> Proposal:
    """Write to *folder* a catalogue that accepts every event of *report*, and names all fields they have.

    It is the one in *schemas* (None: the bundled one), which *catalog* was loaded from, with the documents changed
    that need it. Raises CeventsError where *folder* has something in it already, or cannot be written.
    """
    base = Folder(schemas or bundled_schemas(), "**/*.json")
    files = {
        path.relative_to(base.root).as_posix(): read_bytes(real, base.shown_path(path)) for path, real in base.files()
    }
    changed, refused = _changes(report, catalog, files)
    write_folder(f"--write {folder}", folder, {**files, **changed})
    return Proposal(len({**files, **changed}), tuple(sorted(changed)), refused)


def _changes(report: DriftReport, catalog: Catalog, files: _Files) -> tuple[_Files, int]:
    """Return the files that are new or different, and how many new events were refused one."""
    changed: _Files = {}
    refused = 0
    taken = {path.casefold() for path in files}
    envelope = loads(files[_ENVELOPE])
    for name, event in report.look().items():
        path = f"bodies/{name}.json"
        if event.is_new and (not _SAFE_NAME.fullmatch(name) or path.casefold() in taken):
            refused += 1
        elif event.is_new:
            taken.add(path.casefold())
            changed[path] = _dumped(_new_body(name, event, envelope))
        elif "body" in event.seen.inside and name in catalog.bodies:
            paths = [path[1:] for path in map(event.seen.path_to, event.undocumented) if path[0] == "body"]
            found = [objection._replace(path=objection.path[1:]) for objection in event.objections if objection.is_body]
            changed |= _wider(path, files, event.body, paths, found, catalog.bodies[name])
    return changed | _wider_envelope(report, catalog, files), refused


def _wider_envelope(report: DriftReport, catalog: Catalog, files: _Files) -> _Files:
    looks_into_body = any(field.path[:1] == ("body",) and len(field.path) > 1 for field in fields_of(catalog.envelope))
    seen = Seen()
    paths: dict[Path, None] = {}
    objections: dict[Objection, None] = {}
    for event in report.look().values():
        paths |= {path: None for path in map(event.seen.path_to, event.undocumented) if path[0] != "body"}
        # Where both schemas object alike, only the body's objection was kept.
        objections |= {
            found: None
            for found in event.objections
            if not found.is_body or looks_into_body or (found.path == ("body",) and found.keyword == "type")
        }
        seen.merge(event.seen)
    if "body" in seen.inside and not looks_into_body:
        seen.inside["body"] = Seen(types=seen.inside["body"].types)
    return _wider(_ENVELOPE, files, seen, paths, objections, catalog.envelope)


def _wider(
    path: str,
    files: _Files,
    seen: Seen,
    undocumented: Iterable[Path],
    objections: Iterable[Objection],
    schema: SchemaFile,
) -> _Files:
    """Return the file at *path*, which holds *schema*, widened; nothing where nothing has to change."""
    after = widened(loads(files[path]), seen, undocumented, objections, schema)
    return {} if after == loads(files[path]) else {path: _dumped(after)}


def _new_body(name: str, event: EventSeen, envelope: Any) -> dict[str, Any]:
    """Return a schema for the bodies of an event that is not documented."""
    count, first, last = event.sightings.count, event.sightings.first, event.sightings.last
    when = f" between {format_utc(first)} and {format_utc(last)}" if first and last else ""
    head: dict[str, Any] = {"$schema": DEFAULT.uri}
    identifier = envelope.get("$id") if isinstance(envelope, dict) else None
    if isinstance(identifier, str) and identifier.endswith(f"/{_ENVELOPE}"):
        head["$id"] = f"{identifier.removesuffix(_ENVELOPE)}bodies/{quote(name)}.json"
    return {
        **head,
        "title": re.sub(r"[._-]+", " ", name).strip().capitalize(),
        "description": f"Inferred from {counted(count, 'event')}{when}: "
        "say which fields are required, and what each means.",
        **inferred(event.body),
    }


def _dumped(document: Any) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
