"""Widening a schema document, as a person would edit it, until it accepts what was seen and names all its fields.

A place in the document may be edited by itself where nothing but plain keywords lead to it: then what it says is all
that is asked of the values there. Below any other keyword the nearest such place above is widened as a whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from urllib.parse import unquote

from canvas_events_cli import pointers
from canvas_events_cli.catalog.dialects import Dialect, annotates
from canvas_events_cli.catalog.fields import ANY_ELEMENT
from canvas_events_cli.drifting.infer import inferred
from canvas_events_cli.drifting.report import Fault
from canvas_events_cli.drifting.seen import Seen
from canvas_events_cli.validation.engines import UNEXPECTED

Path = tuple[str | int, ...]

_OF_ONE_VALUE = frozenset(
    (
        *("type", "format", "pattern", "enum", "const", "minLength", "maxLength", "multipleOf", "minimum", "maximum"),
        *("exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems", "uniqueItems", "required"),
        *("minProperties", "maxProperties"),
    )
)
"""Keywords that object at the value itself, never inside it."""
_OF_OBJECTS = frozenset(("type", "required", "properties"))
_PLAIN = _OF_ONE_VALUE | UNEXPECTED | {"properties", "items", "allOf", "$ref", "if", "then", "else"}
_RULING_OUT = frozenset(("not", "oneOf", "contains", "dependencies", "dependentSchemas"))
"""Where these use a definition, widening it could rule out what was valid."""


def widened(document: Any, seen: Seen, undocumented: Iterable[Path], faults: Iterable[Fault], dialect: Dialect) -> Any:
    """Return *document* so that it accepts all values that were *seen*, and names their *undocumented* fields.

    *faults* are all that it objects to in these values. Paths lead from these values. *document* is changed.
    """
    if _leads_into_itself(document):
        # What its references lead to would change with the place that is widened.
        told = {keyword: value for keyword, value in document.items() if annotates(keyword)}
        return {**told, **inferred(seen)}
    widening = _Widening(document, seen, dialect)
    for path in undocumented:
        widening.add(path)
    widening.accept(faults)
    return widening.holder[""]


class _Widening:
    """One schema document on its way to accept what was seen of the values that it describes."""

    def __init__(self, document: Any, seen: Seen, dialect: Dialect) -> None:
        self.holder: dict[str, Any] = {"": document}
        self._document = document
        self._seen = seen
        self._ref_stands_alone = dialect.ref_stands_alone
        self._may_edit_definitions = not _may_rule_out(document)

    def add(self, path: Path) -> None:
        """Document the field at *path*, of which the schema says nothing."""
        seen = self._seen.at(path)
        if seen is None:
            return
        holder, key, reached = self._place(path[:-1], definitions=False)
        schemas = self._plain(holder[key], definitions=False) if reached == path[:-1] else None
        if schemas:
            place = next((schema for schema in schemas if "properties" in schema), schemas[0])
        else:
            place = self._beside(holder, key, path[len(reached) : -1])
        place.setdefault("properties", {}).setdefault(str(path[-1]), inferred(seen, nullable=True))

    def accept(self, faults: Iterable[Fault]) -> None:
        """Widen what *faults* object to, inner places before outer ones."""
        wholly: dict[Path, None] = {}
        by_type: dict[Path, set[str]] = {}
        for path, keyword, _, kind in faults:
            if (keyword == "required" and self._stop_requiring(path)) or (
                keyword in UNEXPECTED and self._declare(path)
            ):
                continue
            at = path if kind else path[:-1]
            *_, reached = self._place(at)
            if reached == path:
                by_type.setdefault(path, set()).add(kind)
            else:
                wholly[reached] = None
        for path in sorted({*wholly, *by_type}, key=len, reverse=True):
            holder, key, _ = self._place(path)
            seen = self._seen.at(path)
            if seen is not None:
                holder[key] = _accepting(holder[key], inferred(seen, None if path in wholly else by_type[path]))

    def _stop_requiring(self, path: Path) -> bool:
        """Make the field at *path* optional; return whether that could be done by itself."""
        holder, key, reached = self._place(path[:-1])
        schemas = self._plain(holder[key]) if reached == path[:-1] else None
        for schema in schemas or ():
            if path[-1] in schema.get("required", ()):
                schema["required"] = [name for name in schema["required"] if name != path[-1]]
                if not schema["required"]:
                    del schema["required"]
            for branch in ("then", "else"):
                if schema.get(branch) == {"required": [path[-1]]}:
                    del schema[branch]
        return bool(schemas)

    def _declare(self, path: Path) -> bool:
        """Document the field at *path*, which its object rules out; return whether that could be done by itself."""
        holder, key, reached = self._place(path[:-1], definitions=False)
        schemas = self._plain(holder[key], definitions=False) if reached == path[:-1] else None
        seen = self._seen.at(path)
        if not schemas or len(schemas) > 1 or seen is None:
            return False
        schemas[0].setdefault("properties", {}).setdefault(str(path[-1]), inferred(seen, nullable=True))
        return True

    def _place(self, path: Path, *, definitions: bool = True) -> tuple[Any, Any, Path]:
        """Return where the document holds the schema for *path*, or for the nearest place above it that stands alone.

        That is (object, key, path reached). Without *definitions*, what others may refer to is no such place.
        """
        holder, key = self.holder, ""
        for depth, token in enumerate(path):
            schemas = self._plain(holder[key], definitions=definitions) or ()
            if self._is_element(token, path[:depth]):
                holding = [(schema, "items") for schema in schemas if "items" in schema]
            else:
                declared = [schema["properties"] for schema in schemas if "properties" in schema]
                holding = [(properties, str(token)) for properties in declared if token in properties]
            if len(holding) != 1:
                return holder, key, path[:depth]
            holder, key = holding[0]
        return holder, key, path

    def _is_element(self, token: str | int, parent: Path) -> bool:
        seen = self._seen.at(parent)
        return token == 0 or (token == ANY_ELEMENT and seen is not None and seen.elements is not None)

    def _plain(self, schema: Any, *, definitions: bool = True) -> list[dict[str, Any]] | None:
        """Return all schemas that apply to the value that *schema* applies to; None where one is not plain."""
        found: list[dict[str, Any]] = []
        pending = [schema]
        while pending:
            schema = pending.pop(0)
            if schema is True or any(schema is known for known in found):
                continue
            if not isinstance(schema, dict) or not _is_plain(schema):
                return None
            if "$id" in schema and schema is not self._document:
                return None  # references inside mean other definitions
            found.append(schema)
            pending += [*schema.get("allOf", ()), *(schema[name] for name in ("then", "else") if name in schema)]
            if "$ref" in schema:
                target = _definition(self._document, schema["$ref"]) if self._may_edit_definitions else None
                if target is None or not definitions:
                    return None
                pending.append(target)
        is_closed = any(UNEXPECTED.intersection(schema) for schema in found)
        return found if len(found) == 1 or not is_closed else None

    def _beside(self, holder: Any, key: Any, path: Sequence[str | int]) -> dict[str, Any]:
        """Return a schema for the value at *path* below the one that the document holds, added beside what is there."""
        for step in (None, *path):
            if step is not None:
                schema = holder[key]
                is_element = step in (0, ANY_ELEMENT) and not isinstance(schema.get("items"), list)
                holder, key = (schema, "items") if is_element else (schema.setdefault("properties", {}), step)
            if not isinstance(holder.get(key), dict):
                holder[key] = {}
            if self._ref_stands_alone and "$ref" in holder[key]:
                holder[key] = {"allOf": [holder[key]]}
        found: dict[str, Any] = holder[key]
        return found


def _accepting(schema: Any, more: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that accepts what *schema* accepts, and what *more* does."""
    if not isinstance(schema, dict):
        return {"anyOf": [schema, more]}
    told = {keyword: value for keyword, value in schema.items() if annotates(keyword)}
    asked = {keyword: value for keyword, value in schema.items() if not annotates(keyword)}
    if more.keys() == {"type"} and "type" in asked and asked.keys() <= _OF_OBJECTS:
        types = _listed(more["type"])
        if asked.keys() == {"type"} or "object" not in types:
            return {**schema, "type": list(dict.fromkeys([*_listed(asked["type"]), *types]))}
    return {**told, "anyOf": [asked, more]}


def _listed(types: Any) -> list[str]:
    return [types] if isinstance(types, str) else list(types)


def _is_plain(schema: dict[str, Any]) -> bool:
    return not (
        any(keyword not in _PLAIN and not annotates(keyword) for keyword in schema)
        or isinstance(schema.get("items"), list)
        or ("if" in schema and not _asks_for_presence_only(schema["if"]))
    )


def _asks_for_presence_only(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.keys() <= {"required"}


def _definition(document: Any, reference: str) -> Any:
    """Return the definition in *document* that *reference* leads to; None where it leads elsewhere."""
    if not reference.startswith(("#/$defs/", "#/definitions/")):
        return None
    return pointers.resolve(document, pointers.split(unquote(reference[1:])))


def _objects(document: Any) -> Iterator[dict[str, Any]]:
    pending = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            yield value
            pending += value.values()
        elif isinstance(value, list):
            pending += value


def _may_rule_out(document: Any) -> bool:
    return any(
        _RULING_OUT.intersection(value) or ("if" in value and not _asks_for_presence_only(value["if"]))
        for value in _objects(document)
    )


def _leads_into_itself(document: Any) -> bool:
    """Tell whether a reference in *document* leads to a part of it that is no definition."""
    references = (value["$ref"] for value in _objects(document) if isinstance(value.get("$ref"), str))
    return any(
        reference.startswith("#")
        and (not reference.startswith(("#/$defs/", "#/definitions/")) or reference.count("/") > 2)
        for reference in references
    )
