"""Checking schema files: what would keep them from being used, and what in them does not hold."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from canvas_events_cli import pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import SchemaError, dialect_of, walk
from canvas_events_cli.catalog.folder import Folder, Refused, read_bytes, read_pipe
from canvas_events_cli.catalog.references import Closure, load_schema
from canvas_events_cli.catalog.wellformed import faults_of
from canvas_events_cli.defaults import Engine
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.parse import ParseError, explain, loads
from canvas_events_cli.schema.mistakes import mistakes
from canvas_events_cli.validation.engines import compile_schema, default_engine
from canvas_events_cli.validation.messages import describe

_SUFFIX = ".json"
LIKELY = frozenset(("keyword", "duplicateKey", "enum", "required"))
"""Rules about what is likely a mistake, but does not keep a schema from being used."""


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """One thing that is wrong with a schema file."""

    file: str
    pointer: str
    """Where in the file, RFC 6901."""
    rule: str
    """``json``, ``schema``, ``pattern``, ``reference``, ``example``, ``name`` or ``layout``; one of LIKELY for what is
    likely a mistake."""
    message: str


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What checking found."""

    files: int
    findings: tuple[SchemaFinding, ...]


def check_schemas(path: Path) -> CheckReport:
    """Check the schema file at *path*, or all below it where it is a folder.

    Raises CeventsError where it is neither, holds no schema file, or cannot be read.
    """
    if os.path.isdir(path):
        folder = Folder(path, f"**/*{_SUFFIX}")
        files = sorted(found for found in folder.shown.rglob(f"*{_SUFFIX}") if not found.is_dir())
        if not files:
            raise CeventsError(f"{path}: holds no {_SUFFIX} file")
    elif os.path.lexists(path):
        folder, files = Folder(path if read_pipe(path) else path.parent, f"*{_SUFFIX}"), [path]
    else:
        raise CeventsError(f"{path}: no such file or folder of schemas")
    findings: dict[tuple[str, str, str], SchemaFinding] = {}
    for found in _check(path, files, folder):
        # Of one place the same may be said by itself and among the others.
        findings.setdefault((found.file, found.pointer, found.message), found)
    return CheckReport(len(files), tuple(findings.values()))


def _check(place: Path, files: Iterable[Path], folder: Folder) -> Iterator[SchemaFinding]:
    """Yield what is wrong with each file by itself, then what is wrong with the sound ones among the others."""
    if os.path.isdir(place / "bodies") and not os.path.exists(place / f"envelope{_SUFFIX}"):
        yield SchemaFinding(str(place), "", "layout", f"has bodies but no envelope{_SUFFIX}: --schemas cannot use it")
    sound: list[tuple[Path, str]] = []
    for file in files:
        shown = str(file)
        try:
            path = folder.enter(folder.root / file.relative_to(folder.shown))
        except Refused as refusal:
            yield SchemaFinding(shown, "", "reference", str(refusal))
            continue
        found = [SchemaFinding(shown, *told) for told in _alone(file, path, folder)]
        yield from found
        if all(finding.rule in LIKELY for finding in found):
            sound.append((path, shown))
    engine = default_engine()
    for path, shown in sound:
        try:
            yield from _example_faults(load_schema(path, folder, shown=shown, checked=True), engine)
        except SchemaError as error:
            yield SchemaFinding(error.file, error.pointer, "reference", error.reason)
        except CeventsError as error:
            yield SchemaFinding(shown, "", "reference", str(error).removeprefix(f"{shown}: "))


def _alone(file: Path, path: Path, folder: Folder) -> Iterator[tuple[str, str, str]]:
    """Yield (pointer, rule, message) for what is wrong with a file whatever the others hold."""
    raw = read_bytes(path, str(file))
    try:
        root = loads(raw)
    except ParseError:
        yield "", "json", explain(raw, 1)
        return
    if file.parent.name == "bodies":
        yield from _name_faults(file.name.removesuffix(_SUFFIX), root)
    try:
        dialect = dialect_of(root)
        faults = list(faults_of(root, dialect))
        yield from ((fault.pointer, rule, fault.reason) for rule, fault in faults)
        if not faults:
            Closure(folder, checked=False).add(path, str(file), root, dialect)
            yield from sorted(mistakes(raw, root, dialect)) if isinstance(root, dict) else ()
    except SchemaError as fault:
        yield fault.pointer, "schema", fault.reason


def _name_faults(event_name: str, root: object) -> Iterator[tuple[str, str, str]]:
    """Tell where a body's file is not named for an event, or for another than its ``$id`` names."""
    if event_name[:1] in ("", "."):
        yield "", "name", "is not named for an event: expected EVENT_NAME.json"
    identifier = root.get("$id", root.get("id")) if isinstance(root, dict) else None
    if isinstance(identifier, str) and not identifier.startswith("#"):
        told = identifier.rstrip("#").rpartition("/")[2].removesuffix(_SUFFIX)
        if unquote(told) != event_name:
            yield "/$id", "name", f"names the event {told!r}, but the file is named for {event_name!r}"


def _example_faults(file: SchemaFile, engine: Engine) -> Iterator[SchemaFinding]:
    for pointer, schema in walk(file.document):
        if not isinstance(schema.get("examples"), list):
            continue
        part = file
        if pointer:
            document = {"$ref": f"{file.uri}#{quote(pointer)}"}
            resources = ((file.uri, file.document), *file.resources)
            part = file._replace(uri="urn:cevents:part", document=document, resources=resources)
        violations = compile_schema(part, engine).violations
        for index, example in enumerate(schema["examples"]):
            for violation in violations(example):
                place = pointers.join(pointer, "examples", index, *violation.path)
                message = f"{describe(violation, show_values=True)} [{violation.keyword}]"
                yield SchemaFinding(file.path, place, "example", message)
