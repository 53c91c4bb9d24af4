"""The drafts of JSON Schema that cevents honours, and where a schema of any of them holds further schemas."""

from collections.abc import Iterator
from typing import NamedTuple

from canvas_events_cli.catalog.faults import SchemaFault
from canvas_events_cli.errors import did_you_mean


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

REFERENCES = frozenset({"$ref", "$dynamicRef"})

_SINGLE = frozenset(
    (
        *("additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if", "items", "not"),
        *("propertyNames", "then", "unevaluatedItems", "unevaluatedProperties"),
    )
)
_LISTS = frozenset(("allOf", "anyOf", "items", "oneOf", "prefixItems"))
NAMED = frozenset(("$defs", "definitions", "dependencies", "dependentSchemas", "patternProperties", "properties"))
"""Keywords whose members are schemas under names of the author's choice."""

IN_PLACE = frozenset(("allOf", "anyOf", "dependencies", "dependentSchemas", "else", "if", "not", "oneOf", "then"))
"""Keywords whose schemas apply to the same value as the schema that holds them."""


_ANNOTATIONS = frozenset(
    (
        *("$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$comment", "$vocabulary", "$defs", "definitions"),
        *("title", "description", "default", "examples", "deprecated", "readOnly", "writeOnly"),
    )
)


def annotates(keyword: str) -> bool:
    """Tell whether *keyword* asks nothing of a value: it names or describes a schema, or is an extension, ``x-…``."""
    return keyword in _ANNOTATIONS or keyword.startswith("x-")


def dialect_of(document: object, default: Dialect = DEFAULT) -> Dialect:
    """Return the dialect that *document* declares in ``$schema``, *default* where it declares none.

    Raises SchemaFault for any other ``$schema``: a package would try to fetch it.
    """
    declared = document.get("$schema") if isinstance(document, dict) else None
    if declared is None:
        return default
    known = _BY_URI.get(declared.removesuffix("#")) if isinstance(declared, str) else None
    if known is None:
        hint = did_you_mean(declared, [*_BY_URI]) if isinstance(declared, str) else ""
        names = ", ".join(_BY_URI)
        reason = f"unknown dialect {declared!r}{hint}; cevents never fetches schemas and knows {names}"
        raise SchemaFault("/$schema", reason)
    return known


def is_official(uri: str, dialect: Dialect) -> bool:
    """Tell whether *uri* is the metaschema of *dialect* or a part of it; both packages carry these."""
    base = dialect.uri.removesuffix("schema")
    return uri == dialect.uri or (
        not dialect.ref_stands_alone and uri in {f"{base}meta/{name}" for name in _VOCABULARIES}
    )


def subschemas(schema: dict[str, object]) -> Iterator[tuple[tuple[str, ...], dict[str, object]]]:
    """Yield (pointer tokens, schema) for each schema object directly inside *schema*; booleans are left out."""
    for keyword, value in schema.items():
        if isinstance(value, dict):
            if keyword in _SINGLE:
                yield (keyword,), value
            elif keyword in NAMED:
                for name, member in value.items():
                    if isinstance(member, dict):
                        yield (keyword, name), member
        elif isinstance(value, list) and keyword in _LISTS:
            for index, member in enumerate(value):
                if isinstance(member, dict):
                    yield (keyword, str(index)), member
