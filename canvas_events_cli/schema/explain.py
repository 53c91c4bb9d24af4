"""What a finding means: its keyword, and what the schema says at its place."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from canvas_events_cli import pointers
from canvas_events_cli.catalog import Catalog, SchemaFile
from canvas_events_cli.catalog.fields import ANY_ELEMENT, DocumentedField, fields_of
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.model import NO_NAME
from canvas_events_cli.schema.listing import ENVELOPE_NAME, schema_named
from canvas_events_cli.validation.engines import NOT_THERE
from canvas_events_cli.validation.explanations import EXPLANATIONS, Explanation

_PARTS = ("metadata", "attributes", "body")
_FINDING = re.compile(r"(?:.*?:\d+: )?(?P<event>\S+)(?: (?P<pointer>/\S*))? .*\[(?P<keyword>\S+)\]")
"""A line as ``validate`` prints it, with its source or without."""
_RARE = frozenset(("if", "then", "else"))
"""Rules that are told where a finding has them, not of every field that they are of."""
_MOST_LISTED = 40
_ABSENT = {"no": (), "expected": (NOT_THERE,)}
"""What is told where a field lacks, by whether it has to be there."""
_OF_RECORDS = frozenset(("json", "wrapper", "signature", "duplicateKey", "undocumented"))
"""Keywords of what no schema describes."""


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say: of a place in an event, and of keywords."""

    event_name: str | None
    pointer: str
    field: DocumentedField | None
    """What the schema says at the pointer; None where only a keyword is explained."""
    required: str
    """Whether the field has to be there: ``yes``, ``expected``, ``in some events`` or ``no``."""
    example: str | None
    """A value that is right there, as JSON; None where no schema has one."""
    keywords: dict[str, Explanation]


def explain(catalog: Catalog, words: Iterable[str]) -> Told:
    """Return what there is to say of a keyword, of EVENT POINTER, or of a line that ``validate`` printed.

    Raises CeventsError for what is none of these, with what may be meant and what there is.
    """
    text = " ".join(words)
    if text in EXPLANATIONS:
        return Told(None, "", None, "", None, {text: EXPLANATIONS[text]})
    if found := _FINDING.fullmatch(text):
        keyword = _known_keyword(found["keyword"])
        if keyword in _OF_RECORDS or not found["pointer"]:
            return explain(catalog, [keyword])
        try:
            return replace(_place(catalog, found["event"], found["pointer"]), keywords=_pick([keyword]))
        except CeventsError:  # an event or a field that no schema describes
            return explain(catalog, [keyword])
    event, _, pointer = text.partition(" ")
    if event not in (ENVELOPE_NAME, NO_NAME) and event not in catalog.bodies and not pointer:
        _known_keyword(event, *catalog.bodies, ENVELOPE_NAME)
    return _place(catalog, event, pointer)


def _known_keyword(word: str, *others: str) -> str:
    """Return *word*, which is a keyword. Raises CeventsError where it is none; *others* could be meant, too."""
    if word in EXPLANATIONS:
        return word
    hint = did_you_mean(word, [*EXPLANATIONS, *others])
    raise CeventsError(
        f"nothing is known of {word!r}{hint}",
        f"  keywords: {', '.join(sorted(EXPLANATIONS))}",
        "  or name an event ('cevents schema list' lists them) and a pointer, such as /body/status",
    )


def _place(catalog: Catalog, event: str, pointer: str) -> Told:
    """Return what the schemas of *event* say at *pointer*. Raises CeventsError where they say nothing."""
    if not pointer.startswith("/"):
        meant = f"/{pointer.replace('.', '/')}" if pointer.startswith(_PARTS) else f"/body/{pointer or 'FIELD'}"
        raise CeventsError(f"{event}: name a field by its JSON Pointer, such as {meant}")
    body = None if event in (ENVELOPE_NAME, NO_NAME) else schema_named(catalog, event)
    tokens = pointers.split(pointer)
    file = body if body is not None and tokens[:1] == ("body",) else catalog.envelope
    fields = {field.path: field for field in fields_of(file, ("body",) if file is body else ())}
    path = next((path for path in (tokens, _like_metadata(tokens)) if _known(fields, path)), None)
    if path is None:
        raise _not_known(event, pointer, _like_metadata(tokens), fields)
    field = fields[_known(fields, path) or ()]
    required = _required(file, field)
    keywords = [
        *_ABSENT.get(required, ("required",)),
        *(["type"] if field.type_names != ("any",) else ()),
        *(["format"] if field.format else ()),
        *sorted(word for word, _ in field.rules if word not in _RARE),
    ]
    return Told(event, pointer, field, required, _example(file, field), _pick(keywords))


def _like_metadata(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return *tokens* with ``metadata`` in the place of ``attributes``: the same envelope."""
    return ("metadata", *tokens[1:]) if tokens[:1] == ("attributes",) else tokens


def _known(fields: Iterable[tuple[str, ...]], tokens: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the path among those of *fields* that leads to *tokens*, by name rather than by a rule."""
    same = [path for path in fields if len(path) == len(tokens) and all(map(_leads_to, path, tokens))]
    return min(same, key=lambda path: path.count(ANY_ELEMENT), default=None)


def _leads_to(name: str, token: str) -> bool:
    return name in (token, ANY_ELEMENT)


def _not_known(
    event: str, pointer: str, tokens: tuple[str, ...], fields: dict[tuple[str, ...], DocumentedField]
) -> CeventsError:
    """Return the error for a *pointer* that no schema describes: what may be meant, and what there is beside it."""
    above = tokens[:-1]
    while above and not _known(fields, above):
        above = above[:-1]
    inside = _known(fields, above) or ()
    known = [field.pointer for path, field in fields.items() if path[:-1] == inside and path]
    if not above:
        known = [f"/{part}" for part in _PARTS]
    hint = did_you_mean(pointers.join("", *tokens), known)
    where = pointers.join("", *above) or "an event"
    listed = [f"{where} has:", *_listed(known)] if known else [f"the schema names no field inside {where}"]
    return CeventsError(f"{event} {pointer}: no schema describes this{hint}", *listed)


def _listed(names: list[str]) -> list[str]:
    more = len(names) - _MOST_LISTED
    return [f"  {name}" for name in names[:_MOST_LISTED]] + [f"  … and {more:,} more"] * (more > 0)


def _required(file: SchemaFile, field: DocumentedField) -> str:
    if field.required or field.expected:
        return "yes" if field.required else "expected"
    name = field.path[-1]
    return "in some events" if any(name in schema.get("required", ()) for schema in file.schemas()) else "no"


def _example(file: SchemaFile, field: DocumentedField) -> str | None:
    """Return a value that an example of the schema has at *field*, as JSON."""
    below = field.path if field.path[:1] != ("body",) else field.path[1:]
    document = file.document if isinstance(file.document, dict) else {}
    for example in document.get("examples", ()):
        value = _first_at(example, below)
        if value is not None:
            return json.dumps(value, ensure_ascii=False)
    return None


def _first_at(value: object, path: tuple[str, ...]) -> object:
    for token in path:
        if token == ANY_ELEMENT:
            inside = list(value.values()) if isinstance(value, dict) else value
            value = inside[0] if isinstance(inside, list) and inside else None
        else:
            value = pointers.resolve(value, [token])
    return value


def _pick(keywords: Iterable[str]) -> dict[str, Explanation]:
    return {word: EXPLANATIONS[word] for word in keywords if word in EXPLANATIONS}
