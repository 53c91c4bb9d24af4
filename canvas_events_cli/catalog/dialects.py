"""JSON Schema as cevents reads it: the drafts that it honours, and which keywords hold further schemas."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from canvas_events_cli import pointers
from canvas_events_cli.errors import CeventsError, did_you_mean

Schema = dict[str, Any]
TYPES = ("null", "boolean", "object", "array", "number", "integer", "string")


class SchemaError(CeventsError):
    """A schema file that cannot be used, and what is wrong at *pointer* of it; *file* as shown to the user."""

    def __init__(self, pointer: str, reason: str, file: str = "") -> None:
        super().__init__(": ".join(filter(None, (file, pointer, reason))))
        self.pointer = pointer
        self.reason = reason
        self.file = file

    def of(self, file: str) -> "SchemaError":
        """Return the same of *file*, where no file is named yet."""
        return self if self.file else SchemaError(self.pointer, self.reason, file)


class Dialect(NamedTuple):
    """What tells one draft from the others."""

    name: str
    uri: str
    """Its metaschema, without a fragment."""
    validator: str
    """The class for it; both packages use the same names."""
    id_keyword: str
    ref_stands_alone: bool
    """Whether the keywords beside a ``$ref`` are ignored, as up to draft 7."""


_DIALECTS = (
    Dialect("2020-12", "https://json-schema.org/draft/2020-12/schema", "Draft202012Validator", "$id", False),
    Dialect("2019-09", "https://json-schema.org/draft/2019-09/schema", "Draft201909Validator", "$id", False),
    Dialect("draft 7", "http://json-schema.org/draft-07/schema", "Draft7Validator", "$id", True),
    Dialect("draft 6", "http://json-schema.org/draft-06/schema", "Draft6Validator", "$id", True),
    Dialect("draft 4", "http://json-schema.org/draft-04/schema", "Draft4Validator", "id", True),
)
_BY_URI = {dialect.uri: dialect for dialect in _DIALECTS}
DIALECTS = {dialect.name: dialect for dialect in _DIALECTS}
DEFAULT = _DIALECTS[0]

_VOCABULARIES = ("core", "applicator", "unevaluated", "validation", "meta-data", "format-annotation", "content")

REFERENCES = frozenset(("$ref", "$dynamicRef"))
LEADS = REFERENCES | {"$recursiveRef"}
"""All that leads to another schema; the last always to ``#``."""
NAMED = frozenset(("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"))
"""Keywords whose members are schemas under names of the author's choice."""
IN_PLACE = frozenset(("allOf", "anyOf", "dependencies", "dependentSchemas", "else", "if", "not", "oneOf", "then"))
"""Keywords whose schemas apply to the same value as the schema that holds them."""
OF_OTHER_FIELDS = ("additionalProperties", "unevaluatedProperties")
"""Keywords about the fields of an object that its schema names neither itself nor by a pattern."""
HOLDERS = NAMED | IN_PLACE.union(
    OF_OTHER_FIELDS,
    ("additionalItems", "contains", "contentSchema", "items", "prefixItems", "propertyNames", "unevaluatedItems"),
)
"""All keywords with schemas in them: those besides NAMED have one as their value, or an array of them."""
_ANNOTATIONS = frozenset(
    (
        *("$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$comment", "$vocabulary", "$defs", "definitions"),
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
    )
)

# Our own keywords; other validators pass over all that begins with ``x-``.
EXPECTED = "x-expected"
"""Beside ``required``: names of fields that normally are there and not null."""
REFERS = "x-refers"
"""On a field: which kind of object its value names. A kind; several of which it can be; or ``{"type": FIELD}``, where
the field beside it says the kind; or ADDRESS."""
ADDRESS = "url"
"""In place of a kind: parts of the value's path, and its parameters, name objects."""


def annotates(keyword: str) -> bool:
    """Tell whether *keyword* asks nothing of a value: it names or describes a schema, or is an extension, ``x-…``."""
    return keyword in _ANNOTATIONS or keyword.startswith("x-")


def check_keywords(schema: Schema, pointer: str) -> None:
    """Raise SchemaError where *schema*, which is at *pointer*, has no usable value of a keyword that is read anyway.

    That is one of our own, or a reference, of which the metaschemas of other drafts do not know.
    """
    for keyword in LEADS.intersection(schema):
        if keyword in REFERENCES and not isinstance(schema[keyword], str):
            raise SchemaError(pointers.join(pointer, keyword), "expected a URI reference")
        if keyword not in REFERENCES and schema[keyword] != "#":
            raise SchemaError(pointers.join(pointer, keyword), "expected '#'")
    if EXPECTED in schema:
        names = schema[EXPECTED]
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise SchemaError(pointers.join(pointer, EXPECTED), "expected an array of names of fields")
    if REFERS in schema:
        refers = schema[REFERS]
        if isinstance(refers, dict):
            refers = [refers["type"]] if refers.keys() == {"type"} else []
        kinds = refers if isinstance(refers, list) else [refers]
        if not kinds or not all(isinstance(kind, str) and kind for kind in kinds):
            reason = 'expected a kind of object such as "course", an array of kinds, or {"type": FIELD}'
            raise SchemaError(pointers.join(pointer, REFERS), reason)


def dialect_of(document: object, default: Dialect = DEFAULT, pointer: str = "") -> Dialect:
    """Return the dialect that *document* declares in ``$schema``, *default* where it declares none.

    Raises SchemaError for any other ``$schema``, as a package would try to fetch it, and for what is no schema at all;
    *pointer* is where in its file it stands.
    """
    if not isinstance(document, dict | bool):
        raise SchemaError(pointer, "not a schema: expected an object, or true or false")
    declared = document.get("$schema") if isinstance(document, dict) else None
    if declared is None:
        return default
    known = _BY_URI.get(declared.removesuffix("#")) if isinstance(declared, str) else None
    if known is None:
        hint = did_you_mean(declared, [*_BY_URI]) if isinstance(declared, str) else ""
        names = ", ".join(_BY_URI)
        reason = f"unknown dialect {declared!r}{hint}; cevents never fetches schemas and knows {names}"
        raise SchemaError(f"{pointer}/$schema", reason)
    return known


def is_official(uri: str, dialect: Dialect) -> bool:
    """Tell whether *uri* is the metaschema of *dialect* or a part of it; both packages carry these."""
    parts, _, name = uri.rpartition("/")
    is_part = name in _VOCABULARIES and parts == dialect.uri.removesuffix("schema") + "meta"
    return uri == dialect.uri or (not dialect.ref_stands_alone and is_part)


def subschemas(schema: Schema) -> Iterator[tuple[tuple[str, ...], Schema]]:
    """Yield (pointer tokens, schema) for each schema object directly inside *schema*; booleans are left out."""
    for keyword, value in schema.items():
        if keyword not in HOLDERS:
            continue
        members: Iterable[tuple[str | int, Any]] = ()
        if isinstance(value, dict) and keyword not in NAMED:
            yield (keyword,), value
        elif isinstance(value, dict):
            members = value.items()
        elif isinstance(value, list):
            members = enumerate(value)
        for name, member in members:
            if isinstance(member, dict):
                yield (keyword, str(name)), member


def walk(*roots: object) -> Iterator[tuple[str, Schema]]:
    """Yield (pointer, schema) for each schema object in *roots*, at any depth, once; the pointers from its own root."""
    pending = [("", root) for root in roots if isinstance(root, dict)]
    seen: set[int] = set()
    while pending:
        pointer, schema = pending.pop()
        if id(schema) not in seen:
            seen.add(id(schema))
            yield pointer, schema
            pending += [(pointers.join(pointer, *tokens), below) for tokens, below in subschemas(schema)]


def replaced(schema: Schema, change: Callable[[tuple[str, ...], Schema], object]) -> Schema:
    """Return a copy of *schema* in which each schema object directly inside is what *change* makes of it.

    *change* gets the tokens and the schema, as :func:`subschemas` yields them.
    """
    copied = {keyword: value.copy() if isinstance(value, dict | list) else value for keyword, value in schema.items()}
    for tokens, below in subschemas(schema):
        holder: Any = copied[tokens[0]] if len(tokens) > 1 else copied
        holder[int(tokens[-1]) if isinstance(holder, list) else tokens[-1]] = change(tokens, below)
    return copied
