"""What changed between two catalogues, or two schema files, and what that means for events that were valid."""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from canvas_events_cli import pointers
from canvas_events_cli.catalog import Catalog, SchemaFile, load_catalog
from canvas_events_cli.catalog.catalog import load_schema_file
from canvas_events_cli.catalog.dialects import DIALECTS, OF_OTHER_FIELDS, Schema, replaced
from canvas_events_cli.catalog.fields import DocumentedField, fields_of
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.schema.bundle import bundled
from canvas_events_cli.schema.counterexamples import Pair
from canvas_events_cli.schema.listing import ENVELOPE_NAME

Narrows = Literal["yes", "no", "maybe"]
Answer = Literal["yes", "no", "unknown"]

_FLAGS: tuple[tuple[str, tuple[str, Narrows], tuple[str, Narrows]], ...] = (
    ("required", ("newly required", "yes"), ("no longer required", "no")),
    ("expected", ("newly expected", "no"), ("no longer expected", "no")),
    ("nullable", ("now nullable", "no"), ("no longer nullable", "yes")),
)
"""What a field may be, and which change it is that it is so now, or no longer."""
_SAID = {
    "added": "was not documented, and could be anything: now {}",
    "removed": "may not be there any more",
    "retyped": "may no longer have every type that it could have",
    "newly required": "is newly required",
    "no longer nullable": "may no longer be null",
    "format changed": "has another format",
    "rules changed": "has other rules",
}
"""Why a change may rule out events."""
_WIDENS = {
    "removed": "may be anything",
    "retyped": "may be of type {}",
    "no longer required": "may be absent",
    "now nullable": "may be null",
    "format changed": "needs no format",
    "rules changed": "has fewer rules",
}
"""What events may do that are valid since a change; others change nothing about that."""


@dataclass(frozen=True, slots=True)
class Change:
    """One way in which one field is described differently; what its texts say is not compared."""

    pointer: str
    """From the event's root; from the schema's own where two files were compared."""
    kind: str
    """``added``, ``removed``, ``retyped``, ``format changed``, ``rules changed``, or as _FLAGS has it."""
    narrows: Narrows
    """Whether it rules out values that were valid before, seen by itself."""
    old: str = ""
    """What was said, for people; empty where the kind tells all."""
    new: str = ""

    @property
    def path(self) -> tuple[str, ...]:
        """The pointer's tokens."""
        return pointers.split(self.pointer)


@dataclass(frozen=True, slots=True)
class SchemaDiff:
    """What changed in the schema of one event, or of the envelope."""

    name: str
    change: Literal["added", "removed", "changed"]
    still_valid: Answer
    """Whether everything that was valid for it before is valid now."""
    reasons: tuple[str, ...]
    """Why not, or why that is not known."""
    changes: tuple[Change, ...] = ()
    more_valid: Answer = "unknown"
    """Whether something is valid now that was not before."""

    @property
    def widened(self) -> tuple[str, ...]:
        """What makes more events valid, in words."""
        fields: dict[str, list[str]] = {}
        for change in once(self.changes):
            if change.narrows == "no" and change.kind in _WIDENS:
                fields.setdefault(_WIDENS[change.kind].format(change.new), []).append(change.pointer or "the value")
        return tuple(f"{', '.join(pointers)} {what}" for what, pointers in fields.items())


@dataclass(frozen=True, slots=True)
class CatalogDiff:
    """What changed altogether; empty where nothing did."""

    schemas: tuple[SchemaDiff, ...]

    @property
    def still_valid(self) -> Answer:
        """Tell whether every event that was valid before is valid now."""
        answers = {schema.still_valid for schema in self.schemas}
        return "no" if "no" in answers else "unknown" if "unknown" in answers else "yes"

    @property
    def more_valid(self) -> Answer:
        """Tell whether events are valid now that were not before."""
        answers = {schema.more_valid for schema in self.schemas}
        return "yes" if "yes" in answers else "unknown" if "unknown" in answers else "no"


def compare(old: Path | None, new: Path) -> CatalogDiff:
    """Compare two folders of schemas, or two schema files; None stands for the bundled folder.

    Raises CeventsError where one is a folder and the other a file, or a schema cannot be used.
    """
    for place in (old, new):
        if place is not None and not os.path.exists(place):
            raise CeventsError(f"{place}: no such file or folder of schemas")
    old_is_folder = old is None or os.path.isdir(old)
    if old_is_folder != os.path.isdir(new):
        folder, file = (old, new) if old_is_folder else (new, old)
        raise CeventsError(f"{file} is no folder, but {folder or 'the bundled catalogue'} is: name two of a kind")
    if old is None or old_is_folder:
        return CatalogDiff(tuple(_catalogs(load_catalog(old), load_catalog(new))))
    name = new.name.removesuffix(".json")
    return CatalogDiff(tuple(_schemas(name, load_schema_file(old), load_schema_file(new), ())))


def _catalogs(old: Catalog, new: Catalog) -> Iterator[SchemaDiff]:
    yield from _schemas(ENVELOPE_NAME, old.envelope, new.envelope, ())
    for name in sorted({*old.bodies, *new.bodies}):
        before, after = old.bodies.get(name), new.bodies.get(name)
        if after is None:
            yield SchemaDiff(name, "removed", "yes", ("without a schema, every body is valid",))
        elif before is None:
            answer = _accepts_all_of(after, None)
            reasons = () if answer == "yes" else ("the bodies of this event were not checked before",)
            yield SchemaDiff(name, "added", answer, reasons)
        else:
            yield from _schemas(name, before, after, ("body",))


def _schemas(name: str, old: SchemaFile, new: SchemaFile, root: tuple[str, ...]) -> Iterator[SchemaDiff]:
    """Yield the difference of two schemas of the same thing, if there is one."""
    with suppress(CeventsError):  # of a schema that has no bundle
        if bundled(old) == bundled(new):
            return
    changes = tuple(_changes(old, new, root))
    paths = {change.path[len(root) :] for change in changes}
    try:
        pair = Pair(old, new)
        narrowed, widens = pair.narrowed(paths), pair.widens(paths)
    except CeventsError:  # of a schema that the engine cannot use
        narrowed, widens = None, False
    answer = "no" if narrowed is not None else _accepts_all_of(new, old)
    backwards = "no" if widens else _accepts_all_of(old, new)
    # What may rule out events does so where an example proves that what is at its place does.
    changes = tuple(
        replace(change, narrows="yes")
        if change.narrows == "maybe" and change.path[len(root) :] in (narrowed or ())
        else change
        for change in changes
    )
    if not changes and answer == backwards == "yes":
        return
    yield SchemaDiff(name, "changed", answer, tuple(_reasons(answer, changes)), changes, _OPPOSITE[backwards])


_OPPOSITE: Mapping[Answer, Answer] = {"yes": "no", "no": "yes", "unknown": "unknown"}


def once(changes: Collection[Change]) -> Iterator[Change]:
    """Yield *changes* for people: of the envelope's two names one, where the same is said under both."""
    said = {*changes}
    for change in changes:
        _, first, *rest = [*change.pointer.split("/"), ""]
        others = [replace(change, pointer="/".join(["", name, *rest]).rstrip("/")) for name in ENVELOPES]
        if first not in ENVELOPES or not said.issuperset(others):
            yield change
        elif first == ENVELOPES[0]:
            yield replace(change, pointer=f"{change.pointer} ({ENVELOPES[1]} too)")


def _changes(old: SchemaFile, new: SchemaFile, root: tuple[str, ...]) -> Iterator[Change]:
    before = {field.path: field for field in fields_of(old, root)}
    after = {field.path: field for field in fields_of(new, root)}
    for path, field in {**before, **after}.items():
        if path in before and path in after:
            yield from _field_changes(before[path], field)
        elif path in before and path[:-1] in after:
            narrows: Narrows = "maybe" if dict(after[path[:-1]].rules).keys() & {*OF_OTHER_FIELDS} else "no"
            yield Change(field.pointer, "removed", narrows, field.values_text, "")
        elif path in after and path[:-1] in before:
            yield Change(field.pointer, "added", "maybe", "", field.values_text)
            if field.required:
                yield Change(field.pointer, "newly required", "yes")


def _field_changes(old: DocumentedField, new: DocumentedField) -> Iterator[Change]:
    pointer = new.pointer
    if old.type_names != new.type_names:
        lost = old.types - new.types - {"null"}
        yield Change(pointer, "retyped", "yes" if lost else "no", old.types_text, new.types_text)
    for flag, came, went in _FLAGS:
        if getattr(old, flag) != getattr(new, flag):
            yield Change(pointer, *(came if getattr(new, flag) else went))
    if old.format != new.format:
        yield Change(pointer, "format changed", "maybe" if new.format else "no", old.format or "", new.format or "")
    if old.rules != new.rules:
        less, more = (
            ", ".join(f"{keyword} {value}" for keyword, value in sorted(rules))
            for rules in (old.rules - new.rules, new.rules - old.rules)
        )
        yield Change(pointer, "rules changed", "maybe" if more else "no", less, more)


def _reasons(answer: Answer, changes: Sequence[Change]) -> Iterator[str]:
    """Yield why the answer is not "yes": the changes that rule out events, else those that may."""
    if answer == "yes":
        return
    for narrows in ("yes", "maybe"):
        found = [
            f"{change.pointer or 'the value'} {_SAID[change.kind].format(change.new)}"
            for change in once(changes)
            if change.narrows == narrows
        ]
        if found:
            yield from found
            return
    yield "the schemas combine their parts differently"


def _accepts_all_of(new: SchemaFile, old: SchemaFile | None) -> Answer:
    """Tell whether every value that is valid for *old* is valid for *new*; no *old* stands for "anything goes".

    jsonschema-rs decides by the normal forms of both. ``unknown`` where it cannot, where the package is missing, or
    where the files are of different drafts.
    """
    try:
        import jsonschema_rs
    except ImportError:
        return "unknown"
    if old is not None and old.dialect != new.dialect:
        return "unknown"
    try:
        covers = _canonical(new).covers(_canonical(old))
    except (ValueError, jsonschema_rs.ReferencingError, jsonschema_rs.canonical.CanonicalizationError, CeventsError):
        return "unknown"
    answers: dict[str, Answer] = {"yes": "yes", "no": "no"}
    return answers.get(covers.value, "unknown")


def _apart(schema: Schema) -> Schema:
    """Return *schema* with each reference by itself: what is beside one is lost where references are written out."""
    copied = replaced(schema, lambda _, below: _apart(below))
    if len(copied) > 1 and isinstance(copied.get("$ref"), str):
        copied["allOf"] = [*copied.get("allOf", ()), {"$ref": copied.pop("$ref")}]
    return copied


def _canonical(file: SchemaFile | None) -> Any:
    """Return the normal form of a schema. References are written out: two files may mean different things by one."""
    import jsonschema_rs

    whole: Any = bundled(file) if file is not None else True
    if file is not None and isinstance(whole, dict):
        whole = {key: value for key, value in whole.items() if key not in ("$id", "id")}
        whole = jsonschema_rs.dereference(whole if DIALECTS[file.dialect].ref_stands_alone else _apart(whole))
    return jsonschema_rs.canonicalize(
        whole, validate_formats=True, pattern_options=jsonschema_rs.RegexOptions(), offline=True
    )
