"""Widening a schema document, as a person would edit it, until it accepts what was seen and names all its fields.

A place in the document may be edited by itself where nothing but plain keywords lead to it: then what it says is all
that is asked of the values there. Below any other keyword the nearest such place above is widened as a whole.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import HOLDERS, TYPES, Dialect, annotates, walk
from canvas_events_cli.drifting.report import ELEMENT, Objection, Seen
from canvas_events_cli.validation.engines import UNEXPECTED, Path

_OPAQUE = (HOLDERS - UNEXPECTED - {"properties", "items", "allOf", "if", "then", "else", "$defs", "definitions"}).union(
    ("$dynamicRef", "$recursiveRef")
)
"""Keywords through which a value is asked for things that no place in the document says alone."""
_RULING_OUT = frozenset(("not", "oneOf", "contains", "dependencies", "dependentSchemas"))
"""Where these use a definition, widening it could rule out what was valid."""
_DEFINITIONS = ("#/$defs/", "#/definitions/")


def inferred(seen: Seen, kinds: Iterable[str] | None = None, *, nullable: bool = False) -> dict[str, Any]:
    """Return a schema that accepts all that was *seen*, or the values of some *kinds* of types.

    No field is required, and each may be null: a capture cannot tell what Canvas always sends.
    """
    names = {*(seen.types if kinds is None else kinds), *(["null"] if nullable else ())}
    names -= {"integer"} if "number" in names else set()
    if not names:
        return {}
    ordered = sorted(names, key=TYPES[::-1].index)
    schema: dict[str, Any] = {"type": ordered if len(ordered) > 1 else ordered[0]}
    fields = {name: inferred(below, nullable=True) for name, below in seen.inside.items() if name != ELEMENT}
    if "object" in names and fields:
        schema["properties"] = fields
    if "array" in names and ELEMENT in seen.inside:
        schema["items"] = inferred(seen.inside[ELEMENT])
    return schema


def widened(
    document: Any, seen: Seen, undocumented: Iterable[Path], objections: Iterable[Objection], dialect: Dialect
) -> Any:
    """Return *document* so that it accepts all values that were *seen*, and names their *undocumented* fields.

    *objections* are all that it has to these values. Paths lead from these values. *document* is changed.
    """
    if _leads_into_itself(document):
        # What its references lead to would change with the place that is widened.
        told = {keyword: value for keyword, value in document.items() if annotates(keyword)}
        return {**told, **inferred(seen)}
    widening = _Widening(document, seen, dialect)
    for path in undocumented:
        widening.document_field(path)
    widening.accept(objections)
    return widening.root[""]


class _Editable(NamedTuple):
    """A place in the document that may be edited by itself: ``holder[key]``."""

    holder: Any
    key: Any
    path: Path
    """Of the values that it is about."""
    schemas: list[dict[str, Any]] | None
    """All that apply to these values, where each of them is plain, and the place is the one that was looked for."""


class _Widening:
    """One schema document on its way to accept what was seen of the values that it describes."""

    def __init__(self, document: Any, seen: Seen, dialect: Dialect) -> None:
        self.root: dict[str, Any] = {"": document}
        self._document = document
        self._seen = seen
        self._ref_stands_alone = dialect.ref_stands_alone
        self._may_edit_definitions = not any(
            _RULING_OUT.intersection(schema) or _has_condition(schema) for _, schema in walk(document)
        )

    def document_field(self, path: Path, *, beside: bool = True) -> bool:
        """Document the field at *path*, of which the schema says nothing, or which its object rules out.

        Returns whether that could be done: without *beside* only among what the schema says of the object itself.
        """
        seen = self._seen.at(path)
        if seen is None:
            return False
        place = self._place(path[:-1], definitions=False)
        if place.schemas:
            schema = next((schema for schema in place.schemas if "properties" in schema), place.schemas[0])
        elif beside:
            schema = self._beside(place, path[len(place.path) : -1])
        else:
            return False
        schema.setdefault("properties", {}).setdefault(str(path[-1]), inferred(seen, nullable=True))
        return True

    def accept(self, objections: Iterable[Objection]) -> None:
        """Widen what the document objects to, inner places before outer ones."""
        kinds: dict[Path, set[str] | None] = {}
        """Of each place to widen the types of values that it is to accept; None for whatever was seen there."""
        for path, keyword, _, kind in objections:
            if keyword == "required" and self._stop_requiring(path):
                continue
            if keyword in UNEXPECTED and self.document_field(path, beside=False):
                continue
            reached = self._place(path if kind else path[:-1]).path
            known = kinds.setdefault(reached, set())
            kinds[reached] = {*known, kind} if known is not None and reached == path else None
        # Once an outer place is widened, no plain keyword leads to the inner ones any more.
        for path in sorted(kinds, key=len, reverse=True):
            place, seen = self._place(path), self._seen.at(path)
            if seen is not None:
                place.holder[place.key] = _accepting(place.holder[place.key], inferred(seen, kinds[path]))

    def _stop_requiring(self, path: Path) -> bool:
        """Make the field at *path* optional; return whether that could be done by itself."""
        schemas = self._place(path[:-1]).schemas
        for schema in schemas or ():
            if path[-1] in schema.get("required", ()):
                schema["required"] = [name for name in schema["required"] if name != path[-1]]
                if not schema["required"]:
                    del schema["required"]
            for branch in ("then", "else"):
                if schema.get(branch) == {"required": [path[-1]]}:
                    del schema[branch]
        return bool(schemas)

    def _place(self, path: Path, *, definitions: bool = True) -> _Editable:
        """Return the place of the schema for *path*, or of the nearest one above it that stands alone.

        Without *definitions*, what others may refer to is no such place.
        """
        holder, key = self.root, ""
        for depth, token in enumerate(path):
            schemas = self._plain(holder[key], definitions=definitions) or ()
            if token == ELEMENT:
                holding = [(schema, "items") for schema in schemas if "items" in schema]
            else:
                declared = [schema["properties"] for schema in schemas if "properties" in schema]
                holding = [(properties, str(token)) for properties in declared if token in properties]
            if len(holding) != 1:
                return _Editable(holder, key, path[:depth], None)
            holder, key = holding[0]
        return _Editable(holder, key, path, self._plain(holder[key], definitions=definitions))

    def _plain(self, schema: Any, *, definitions: bool = True) -> list[dict[str, Any]] | None:
        """Return all schemas that apply to the value that *schema* applies to; None where one is not plain."""
        found: list[dict[str, Any]] = []
        pending = [schema]
        for schema in pending:
            if schema is True or any(schema is known for known in found):
                continue
            if not isinstance(schema, dict) or _OPAQUE.intersection(schema) or _has_condition(schema):
                return None
            if isinstance(schema.get("items"), list) or ("$id" in schema and schema is not self._document):
                return None  # of which element it speaks, or which definitions its references mean, is another matter
            found.append(schema)
            pending += [*schema.get("allOf", ()), *(schema[name] for name in ("then", "else") if name in schema)]
            if "$ref" in schema:
                may_edit = definitions and self._may_edit_definitions and schema["$ref"].startswith(_DEFINITIONS)
                tokens = pointers.split(unquote(schema["$ref"][1:])) if may_edit else ()
                target = pointers.resolve(self._document, tokens)
                if not may_edit or target is None:
                    return None
                pending.append(target)
        is_closed = any(UNEXPECTED.intersection(schema) for schema in found)
        return found if len(found) == 1 or not is_closed else None

    def _beside(self, place: _Editable, path: Path) -> dict[str, Any]:
        """Return a schema for the value at *path* below *place*, added beside what is there."""
        schema = self._opened(place.holder, place.key)
        for step in path:
            is_element = step == ELEMENT and not isinstance(schema.get("items"), list)
            holder, key = (schema, "items") if is_element else (schema.setdefault("properties", {}), str(step))
            schema = self._opened(holder, key)
        return schema

    def _opened(self, holder: Any, key: Any) -> dict[str, Any]:
        """Return ``holder[key]``, made a schema to which a keyword can be added."""
        if not isinstance(holder.get(key), dict):
            holder[key] = {}
        if self._ref_stands_alone and "$ref" in holder[key]:
            # Up to draft 7 what stands beside a reference counts for nothing.
            holder[key] = {"allOf": [holder[key]]}
        schema: dict[str, Any] = holder[key]
        return schema


def _accepting(schema: Any, more: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that accepts what *schema* accepts, and what *more* does."""
    if not isinstance(schema, dict):
        return {"anyOf": [schema, more]}
    told = {keyword: value for keyword, value in schema.items() if annotates(keyword)}
    asked = {keyword: value for keyword, value in schema.items() if not annotates(keyword)}
    if more.keys() == {"type"} and "type" in asked and asked.keys() <= {"type", "required", "properties"}:
        old, new = ([types] if isinstance(types, str) else types for types in (asked["type"], more["type"]))
        if asked.keys() == {"type"} or "object" not in new:
            return {**schema, "type": list(dict.fromkeys([*old, *new]))}
    return {**told, "anyOf": [asked, more]}


def _has_condition(schema: dict[str, Any]) -> bool:
    """Tell whether *schema* has a condition that asks for more than that fields are there."""
    asked = schema.get("if", {})
    return not isinstance(asked, dict) or not asked.keys() <= {"required"}


def _leads_into_itself(document: Any) -> bool:
    """Tell whether a reference in *document* leads to a part of it that is no definition."""
    references = (str(schema.get("$ref", "")) for _, schema in walk(document))
    return any(
        reference.startswith("#") and (not reference.startswith(_DEFINITIONS) or reference.count("/") > 2)
        for reference in references
    )
