"""A schema in the words of jsonschema-rs: its regular expressions, and its dates as the package can check them."""

from collections.abc import Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from canvas_events_cli import pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import LEADS, REFERENCES, subschemas
from canvas_events_cli.regex import rust_pattern


class Translated(NamedTuple):
    """What the engine gets in place of a schema file's own documents."""

    document: Any
    resources: tuple[tuple[str, Any], ...]
    originals: Mapping[str, str]
    """The regular expressions as the schema has them, by what the engine is told."""


DATES = frozenset(("date", "date-time"))
_USUAL_YEARS = "^(?:000[2-9]|00[1-9]|0[1-9]|[1-8]|9(?:[0-8]|9[0-8]|99[0-8]))"
"""Those in which the package takes the same texts for DATES as we do: 0002 to 9998."""
_OPEN = frozenset(("contains", "if", "not", "oneOf"))
"""Keywords under which what asks for more can let more pass."""


def translated(schema: SchemaFile, *, usual_years: bool = False) -> Translated:
    """Return *schema* for the engine; with *usual_years*, DATES of others are invalid. Raises UnsupportedPattern."""
    names: dict[str, str] = {}
    originals: dict[str, str] = {}
    for pattern in schema.patterns:
        text = rust_pattern(pattern)
        while text in originals:
            text += "(?:)"  # Two names of patternProperties must not become one.
        names[pattern] = text
        originals[text] = pattern
    if not usual_years and all(pattern == text for pattern, text in names.items()):
        return Translated(schema.document, schema.resources, originals)
    copies: dict[int, Any] = {}
    document, resources = deepcopy((schema.document, schema.resources), copies)
    for original in schema.schemas():
        copied = copies[id(original)]
        _translate(copied, names)
        if usual_years and copied.get("format") in DATES:
            copied["allOf"] = [*copied.get("allOf", ()), {"pattern": _USUAL_YEARS}]
    return Translated(document, resources, originals)


def asks_dates_plainly(schema: SchemaFile) -> bool:
    """Tell whether *schema* asks for any of DATES, and a value that is valid with fewer of them is valid with all."""
    schemas = [*schema.schemas()]
    return any(part.get("format") in DATES for part in schemas) and not any(
        tokens[0] in _OPEN and _may_ask_dates(below) for part in schemas for tokens, below in subschemas(part)
    )


def _may_ask_dates(schema: dict[str, Any]) -> bool:
    return (
        schema.get("format") in DATES
        or not LEADS.isdisjoint(schema)
        or any(_may_ask_dates(below) for _, below in subschemas(schema))
    )


def _translate(schema: dict[str, Any], names: Mapping[str, str]) -> None:
    if schema.get("pattern") in names:
        schema["pattern"] = names[schema["pattern"]]
    if isinstance(by_pattern := schema.get("patternProperties"), dict):
        schema["patternProperties"] = {names[pattern]: below for pattern, below in by_pattern.items()}
    for keyword in REFERENCES:
        if isinstance(reference := schema.get(keyword), str) and "/patternProperties/" in reference:
            schema[keyword] = _moved(reference, names)


def _moved(reference: str, names: Mapping[str, str]) -> str:
    """Return *reference* where it leads now, through ``patternProperties`` by another name."""
    resource, _, fragment = reference.partition("#")
    tokens = list(pointers.split(unquote(fragment)) or ())
    for index, (keyword, name) in enumerate(pairwise(tokens), start=1):
        if keyword == "patternProperties":
            tokens[index] = names.get(name, name)
    return f"{resource}#{quote(pointers.join('', *tokens))}"
