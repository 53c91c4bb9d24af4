"""Widening a schema document, as a person would edit it, until it accepts what was seen and names all its fields.

A violation is told at the place that keywords lead to: ``properties``, ``items``, ``allOf``, ``then``, ``else`` and
references. Where no others can have led there, what objects is widened by itself; else the nearest place above, as a
whole, with what was seen there beside it. What is edited is asked of values and never ruled out, so that all that was
valid stays so.
"""

import posixpath
from collections.abc import Iterable, Iterator
from copy import deepcopy
from typing import Any, NamedTuple
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from canvas_events_cli import pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import (
    DIALECTS,
    LEADS,
    OF_OTHER_FIELDS,
    Schema,
    annotates,
    dialect_of,
    walk,
)
from canvas_events_cli.drifting.report import ELEMENT, Objection, Seen, inferred
from canvas_events_cli.validation.engines import UNEXPECTED, Path

_LEAD_ELSEWHERE = frozenset(
    ("additionalItems", "dependencies", "dependentSchemas", "patternProperties", "prefixItems", "unevaluatedItems")
)
"""Keywords that may object to what is inside a value, and of which no place speaks for one field alone."""
_RULING_OUT = ("not", "oneOf", "contains", "if")
"""Where these use a definition, widening it could rule out what was valid."""
_DEFINITIONS = ("#/$defs/", "#/definitions/")
_BY_ITSELF = frozenset(
    (
        *("oneOf", "not", "contains", "dependencies", "dependentRequired", "dependentSchemas", "propertyNames"),
        *("minProperties", "maxProperties", "minItems", "maxItems", "uniqueItems", "enum", "const"),
    )
)
"""Keywords that mean the same wherever they stand beside others."""
_BEFORE = "before"


def widened(
    document: Any, seen: Seen, undocumented: Iterable[Path], objections: Iterable[Objection], file: SchemaFile
) -> Any:
    """Return *document* so that it accepts all values that were *seen*, and names their *undocumented* fields.

    *objections* are all that it has to these values. Paths lead from these values. *file* is what was loaded of the
    document, which is changed.
    """
    undocumented, objections = [*undocumented], [*objections]
    is_apart = bool(undocumented or objections) and _leads_into_itself(document)
    if is_apart:
        document = _set_apart(document, inferred(seen, exactly=True) if objections else False)
    widening = _Widening(document, seen, file)
    for path in undocumented:
        widening.document_field(path)
    widening.accept(() if is_apart else objections)
    return widening.root[""]


class _Place(NamedTuple):
    """Where a schema of the document stands."""

    holder: Any
    key: Any

    @property
    def schema(self) -> Any:
        return self.holder[self.key]


class _Widening:
    """One schema document on its way to accept what was seen of the values that it describes."""

    def __init__(self, document: Any, seen: Seen, file: SchemaFile) -> None:
        self.root: dict[str, Any] = {"": document}
        self._seen = seen
        self._file = file
        self._ref_stands_alone = DIALECTS[file.dialect].ref_stands_alone
        self._fixed = _ruling_out(document)

    def document_field(self, path: Path) -> None:
        """Document the field at *path*, of which the schema says nothing, beside what it says of what is above."""
        schema = self._opened(self.root, "")
        for step in path[:-1]:
            is_element = step == ELEMENT and not isinstance(schema.get("items"), list)
            holder, key = (schema, "items") if is_element else (schema.setdefault("properties", {}), str(step))
            schema = self._opened(holder, key)
        self._declare([schema], path)

    def _declare(self, schemas: Iterable[Schema], path: Path) -> None:
        """Have *schemas*, of the object around it, say what was seen at *path*."""
        if (seen := self._seen.at(path)) is not None:
            for schema in schemas:
                schema.setdefault("properties", {}).setdefault(str(path[-1]), inferred(seen, nullable=True))

    def _opened(self, holder: Any, key: Any) -> Schema:
        """Return ``holder[key]``, made a schema to which a keyword can be added."""
        if not isinstance(holder.get(key), dict):
            holder[key] = {} if holder.get(key, True) else {"not": {}}
        if self._ref_stands_alone and "$ref" in holder[key]:
            # Up to draft 7 what stands beside a reference counts for nothing.
            told, asked = told_and_asked(holder[key])
            holder[key] = {**told, "allOf": [asked]}
        schema: Schema = holder[key]
        return schema

    def accept(self, objections: Iterable[Objection]) -> None:
        """Widen what the document objects to, inner places before outer ones."""
        asked: dict[Path, set[tuple[str, str]] | None] = {}
        """Of each place to widen what objects there, to values of which type; None for whatever was seen there."""
        for path, keyword, _, kind in objections:
            if keyword == "required" and self._stop_requiring(path):
                continue
            if keyword in UNEXPECTED and self._allow(path, keyword):
                continue
            is_above = not kind or keyword == "propertyNames"
            _, reached = self._places(path[:-1] if is_above else path)
            known = asked.setdefault(reached, set())
            asked[reached] = {*known, (keyword, kind)} if known is not None and reached == path else None
        # Once an outer place is widened, nothing leads to the inner ones any more.
        for path in sorted(asked, key=len, reverse=True):
            if (seen := self._seen.at(path)) is not None:
                self._widen(self._places(path)[0], seen, asked[path])

    def _widen(self, places: list[_Place], seen: Seen, asked: set[tuple[str, str]] | None) -> None:
        """Have those of *places* that object accept what was *seen*; all of them where it cannot be told which do."""
        if asked is None:
            for holder, key in places:
                holder[key] = accepting(holder[key], inferred(seen, exactly=True))
            return
        found = [{one for one in asked if self._asks(place.schema, *one)} for place in places]
        unclear = asked.difference(*found)
        for (holder, key), of_place in zip(places, found, strict=True):
            if objecting := of_place | unclear:
                more = inferred(seen, {kind for _, kind in objecting}, exactly=True)
                holder[key] = accepting(holder[key], more, {keyword for keyword, _ in objecting})

    def _stop_requiring(self, path: Path) -> bool:
        """Make the field at *path* optional; return whether that could be done by itself."""
        schemas = [schema for schema in self._schemas(path[:-1]) if path[-1] in schema.get("required", ())]
        for schema in schemas:
            schema["required"] = [name for name in schema["required"] if name != path[-1]]
            if not schema["required"]:
                del schema["required"]
        return bool(schemas)

    def _allow(self, path: Path, keyword: str) -> bool:
        """Document the field at *path*, which *keyword* rules out; return whether that could be done by itself."""
        closed = [schema for schema in self._schemas(path[:-1]) if schema.get(keyword) is False]
        self._declare(closed, path)
        return bool(closed)

    def _schemas(self, path: Path) -> list[Schema]:
        """Return all schemas that apply to what is at *path*; none where that cannot be told."""
        places, reached = self._places(path)
        found, are_all = self._applying(places)
        return found if reached == path and are_all else []

    def _places(self, path: Path) -> tuple[list[_Place], Path]:
        """Return the places for *path*, or for the nearest above it that speak for it, and which path that is."""
        places = [_Place(self.root, "")]
        for depth, token in enumerate(path):
            schemas, are_all = self._applying(places)
            below = [place for schema in schemas for place in _holding(schema, token)]
            if not below or not are_all or any(_leads_elsewhere(schema, token) for schema in schemas):
                return places, path[:depth]
            places = below
        return places, path

    def _applying(self, places: Iterable[_Place]) -> tuple[list[Schema], bool]:
        """Return the schemas that apply to the value at *places*, each to be edited, and whether these are all."""
        found: list[Schema] = []
        are_all = True
        pending = [place.schema for place in places]
        for schema in pending:
            if schema is True or any(schema is known for known in found):
                continue
            if not isinstance(schema, dict) or _is_apart(schema, self.root[""]):
                are_all = False
                continue
            found.append(schema)
            if "$ref" in schema and not self._may_edit(schema["$ref"]):
                are_all &= self._write_out(schema)
            pending += self._beside(schema)
        return found, are_all

    def _beside(self, schema: Schema) -> Iterator[Any]:
        """Yield what *schema* asks of the same value elsewhere."""
        if "$ref" in schema and (target := self._target(schema["$ref"])) is not None:
            yield target
        if "$ref" not in schema or not self._ref_stands_alone:
            yield from schema.get("allOf", ())
            yield from (schema[branch] for branch in ("then", "else") if branch in schema)

    def _asks(self, schema: Any, keyword: str, kind: str) -> bool:
        """Tell whether *schema* has *keyword*, or leads to one that has; of ``type``, one that *kind* is not among."""
        pending = [schema]
        known: set[int] = set()
        for each in pending:
            if isinstance(each, dict) and id(each) not in known:
                known.add(id(each))
                if keyword in each and (keyword != "type" or kind not in _types(each)):
                    return True
                pending += self._beside(each)
        return False

    def _may_edit(self, reference: str) -> bool:
        return reference.startswith(_DEFINITIONS) and reference not in self._fixed

    def _target(self, reference: str) -> Any:
        """Return what *reference* leads to, to be read only where it may not be edited; None for nothing."""
        if reference.startswith(_DEFINITIONS):
            return pointers.resolve(self.root[""], pointers.split(unquote(reference[1:])))
        return next(iter(self._file.targets.get(urljoin(self._file.uri, reference), ())), None)

    def _write_out(self, schema: Schema) -> bool:
        """Have *schema* say itself what its reference leads to; return whether that can be done."""
        target = self._target(schema["$ref"])
        if not isinstance(target, dict) or any(_is_apart(below, target) for _, below in walk(target)):
            return False
        copied = deepcopy(target)
        for _, below in walk(copied):
            if "$ref" in below:
                below["$ref"] = _relative(below["$ref"], self._file.uri)
        del schema["$ref"]
        copied = {keyword: value for keyword, value in copied.items() if keyword not in ("$schema", "$id", "id")}
        if self._ref_stands_alone:
            schema.clear()
        if all(map(annotates, schema)):
            schema |= {**copied, **schema}
        else:
            schema["allOf"] = [*schema.get("allOf", ()), copied]
        return True


def _holding(schema: Schema, token: str | int) -> Iterator[_Place]:
    """Yield the place in *schema* that speaks of the field, or of the elements, that *token* leads to."""
    if token == ELEMENT:
        if not isinstance(schema.get("items", []), list):
            yield _Place(schema, "items")
    elif str(token) in schema.get("properties", {}):
        yield _Place(schema["properties"], str(token))


def _leads_elsewhere(schema: Schema, token: str | int) -> bool:
    """Tell whether *schema* may speak of what *token* leads to by keywords that do not speak of it alone."""
    others = [name for name in OF_OTHER_FIELDS if isinstance(schema.get(name), dict)]
    is_other = bool(others) and str(token) not in schema.get("properties", {})
    return is_other or isinstance(schema.get("items"), list) or not _LEAD_ELSEWHERE.isdisjoint(schema)


def _is_apart(schema: Schema, document: Any) -> bool:
    """Tell whether references in *schema*, a part of *document*, mean what only this place tells."""
    return ("$id" in schema and schema is not document) or not LEADS.isdisjoint(schema.keys() - {"$ref"})


def _types(schema: Schema) -> set[str]:
    types = {schema["type"]} if isinstance(schema["type"], str) else {*schema["type"]}
    return types | ({"integer"} if "number" in types else set())


def _ruling_out(document: Any) -> set[str]:
    """Return the references in *document* to what may rule out values, which is not to be widened."""
    found: set[str] = set()
    pending = [schema[keyword] for _, schema in walk(document) for keyword in _RULING_OUT if keyword in schema]
    for denied in pending:
        for _, schema in walk(*(denied if isinstance(denied, list) else [denied])):
            if (reference := schema.get("$ref", "")) not in found and reference.startswith(_DEFINITIONS):
                found.add(reference)
                pending.append(pointers.resolve(document, pointers.split(unquote(reference[1:]))))
    return found


def _leads_into_itself(document: Any) -> bool:
    """Tell whether a reference in *document* leads to a part of it that is no definition, and may be edited."""
    references = (str(schema.get("$ref", "")) for _, schema in walk(document))
    return any(
        reference.startswith("#") and (not reference.startswith(_DEFINITIONS) or reference.count("/") > 2)
        for reference in references
    )


def _set_apart(document: Schema, more: Schema | bool) -> Schema:
    """Return a schema that accepts what *document* does, or *more*, and may be edited: its parts remain as they are."""
    told, asked = told_and_asked(document)
    container = "definitions" if "definitions" in told or dialect_of(document).ref_stands_alone else "$defs"
    name = _BEFORE
    while name in told.get(container, ()):
        name += "_"
    for _, schema in walk(document):
        if str(schema.get("$ref", "")).startswith("#") and not schema["$ref"].startswith(_DEFINITIONS):
            schema["$ref"] = f"#/{container}/{name}{schema['$ref'][1:]}"
    told[container] = {**told.get(container, {}), name: asked}
    return {**told, "anyOf": [{"$ref": f"#/{container}/{name}"}, *([more] if more else [])]}


def _relative(reference: str, base: str) -> str:
    """Return *reference* as it is written in the file at *base*."""
    uri, fragment = urldefrag(reference)
    there, here = urlsplit(uri), urlsplit(base)
    if not there.scheme or there[:2] != here[:2]:
        return reference
    path = "" if there.path == here.path else posixpath.relpath(there.path, posixpath.dirname(here.path))
    return f"{path}#{fragment}"


def told_and_asked(schema: Schema) -> tuple[Schema, Schema]:
    """Return what *schema* says of itself, its definitions too, and what it asks of values."""
    told = {keyword: value for keyword, value in schema.items() if annotates(keyword)}
    return told, {keyword: value for keyword, value in schema.items() if keyword not in told}


def accepting(schema: Any, more: Schema, keywords: Iterable[str] = ()) -> Schema:
    """Return a schema that accepts what *schema* accepts, and what *more* does.

    Where nothing but *keywords* of it object to that, the others may stay as they are.
    """
    if not isinstance(schema, dict):
        return {"anyOf": [schema, more]} if schema else more
    told, asked = told_and_asked(schema)
    if more.keys() == {"type"} and "type" in asked and asked.keys() <= {"type", "required", "properties"}:
        old, new = ([types] if isinstance(types, str) else types for types in (asked["type"], more["type"]))
        if asked.keys() == {"type"} or "object" not in new:
            return {**schema, "type": list(dict.fromkeys([*old, *new]))}
    objecting = {keyword: asked[keyword] for keyword in keywords if keyword in asked}
    rest = {keyword: value for keyword, value in asked.items() if keyword not in objecting}
    if rest and objecting and objecting.keys() == {*keywords} and objecting.keys() <= _BY_ITSELF:
        return {**told, **rest, "allOf": [*rest.get("allOf", ()), {"anyOf": [objecting, more]}]}
    return {**told, "anyOf": [asked, more]}
