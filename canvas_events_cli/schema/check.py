"""Checking schema files: what would keep them from being used, and what in them does not hold.

And what a schema may say but surely does not mean: it would be passed over, or rule out every value.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from canvas_events_cli import pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import (
    DIALECTS,
    IN_PLACE,
    LEADS,
    Dialect,
    Schema,
    SchemaError,
    annotates,
    dialect_of,
    subschemas,
    walk,
)
from canvas_events_cli.catalog.folder import Folder, Refused, read_bytes, read_pipe
from canvas_events_cli.catalog.references import Closure, load_schema
from canvas_events_cli.catalog.wellformed import faults_of
from canvas_events_cli.defaults import Engine
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.json_text import duplicate_keys
from canvas_events_cli.parse import ParseError, explain, loads
from canvas_events_cli.regex import best_matcher
from canvas_events_cli.validation.engines import compile_schema, default_engine
from canvas_events_cli.validation.messages import DUPLICATE_KEY, describe

_SUFFIX = ".json"
LIKELY = frozenset(("keyword", "duplicateKey", "enum", "required"))
"""Rules about what is likely a mistake, but does not keep a schema from being used."""

_NAMES = frozenset(("$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary"))
"""Keywords that annotate, though only in the dialects that have them."""
_HINTS = {
    "nullable": '; a value that may be null has it among its types, as in ["string", "null"]',
    "example": "; examples are an array under 'examples'",
    "id": "; a schema is named by '$id'",
    "$id": "; a schema is named by 'id'",
}


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
            yield from _example_faults(load_schema(path, folder, shown=shown), engine)
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
            Closure(folder).add(path, str(file), root, dialect)
            yield from sorted(_mistakes(raw, root, dialect)) if isinstance(root, dict) else ()
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


class _Around(NamedTuple):
    """What is known of a schema's value from the schemas around it that apply to the same value."""

    declared: frozenset[str] = frozenset()
    """Names of fields."""
    is_open: bool = False
    """Whether further fields may be declared where the schema is referred to, or where it refers to."""


def _mistakes(raw: bytes, root: Schema, dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    """Yield (pointer, rule, message) for what is likely wrong in *root*, of *dialect* and sound; *raw* is its text."""
    for pointer in duplicate_keys(raw):
        yield pointer, "duplicateKey", DUPLICATE_KEY
    pending = [("", root, dialect, _Around())]
    while pending:
        pointer, schema, outside, around = pending.pop()
        own = dialect_of(schema, outside)
        yield from _unknown_keywords(pointer, schema, own)
        if schema.get("enum") == []:
            yield pointers.join(pointer, "enum"), "enum", "allows no value at all: the list is empty"
        parts, (declared, is_open) = [schema], around
        for part in parts:  # grows on the way
            declared |= {*part.get("properties", ())}
            is_open = is_open or not part.keys().isdisjoint(LEADS)
            parts += [below for tokens, below in subschemas(part) if tokens[0] in IN_PLACE]
        inside = _Around(declared, is_open)
        yield from _unknown_required(pointer, schema, inside)
        for tokens, below in subschemas(schema):
            known = inside if tokens[0] in IN_PLACE else _Around(is_open=tokens[0] in ("$defs", "definitions"))
            pending.append((pointers.join(pointer, *tokens), below, own, known))


def _unknown_keywords(pointer: str, schema: Schema, dialect: Dialect) -> Iterator[tuple[str, str, str]]:
    known = _keywords(dialect)
    for keyword in schema.keys() - known:
        if annotates(keyword) and keyword not in _NAMES:
            continue
        homes = [name for name, other in DIALECTS.items() if keyword in _keywords(other)]
        elsewhere = f"; a keyword of {', '.join(homes)}" if homes else ""
        hint = _HINTS.get(keyword) or did_you_mean(keyword, [*known]) or elsewhere
        message = f"{keyword!r} is no keyword of JSON Schema ({dialect.name}): it asks for nothing{hint}"
        yield pointers.join(pointer, keyword), "keyword", message


@cache
def _keywords(dialect: Dialect) -> frozenset[str]:
    """Return the keywords that the metaschema of *dialect* describes."""
    from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

    whole: Any = REGISTRY.contents(dialect.uri)
    base = dialect.uri.removesuffix("schema")
    parts = [REGISTRY.contents(base + part["$ref"]) for part in whole.get("allOf", ())]
    return frozenset({"$ref"}.union(*(part["properties"] for part in [whole, *parts])))


def _unknown_required(pointer: str, schema: Schema, inside: _Around) -> Iterator[tuple[str, str, str]]:
    """Tell of required fields that ``properties`` beside does not know: of an open object only where it would know."""
    known, required = schema.get("properties"), schema.get("required")
    if not known or not isinstance(required, list):
        return
    rest = schema.get("additionalProperties", schema.get("unevaluatedProperties"))
    patterns = [best_matcher(pattern) for pattern in schema.get("patternProperties", ())]
    for index, name in enumerate(required):
        if name in known or any(matches(name) for matches in patterns):
            continue
        place = pointers.join(pointer, "required", index)
        hint = did_you_mean(name, [*known])
        if schema.get("additionalProperties") is False:
            yield place, "required", f"asks for {name!r}, which additionalProperties rules out{hint}"
        elif name not in inside.declared and rest in (None, False) and (hint or not inside.is_open):
            yield place, "required", f"asks for {name!r}, which is not among the properties{hint}"
