"""A schema in the words of jsonschema-rs: its regular expressions, and its dates as the package can check them."""

from collections.abc import Mapping
from copy import deepcopy
from itertools import pairwise
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

from canvas_events_cli import pointers
from canvas_events_cli.catalog import SchemaFile
from canvas_events_cli.catalog.dialects import REFERENCES
from canvas_events_cli.regex import rust_pattern


class Translated(NamedTuple):
    """What the engine gets in place of a schema file's own documents."""

    document: Any
    resources: tuple[tuple[str, Any], ...]
    originals: Mapping[str, str]
    """The regular expressions as the schema has them, by what the engine is told."""


def translated(schema: SchemaFile) -> Translated:
    """Return *schema* for the engine. Raises UnsupportedPattern."""
    names: dict[str, str] = {}
    originals: dict[str, str] = {}
    for pattern in schema.patterns:
        text = rust_pattern(pattern)
        while text in originals:
            text += "(?:)"  # Two names of patternProperties must not become one.
        names[pattern] = text
        originals[text] = pattern
    if all(pattern == text for pattern, text in names.items()):
        return Translated(schema.document, schema.resources, originals)
    copies: dict[int, Any] = {}
    document, resources = deepcopy((schema.document, schema.resources), copies)
    for original in schema.schemas():
        _translate(copies[id(original)], names)
    return Translated(document, resources, originals)


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
