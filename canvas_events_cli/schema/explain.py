"""What a finding means: its keyword, and what the schema says at its place."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from textwrap import wrap

from canvas_events_cli import pointers
from canvas_events_cli.catalog import Catalog, SchemaFile
from canvas_events_cli.catalog.dialects import Schema, annotates
from canvas_events_cli.catalog.fields import ANY_ELEMENT, DocumentedField, documented_names, fields_of, parts_at
from canvas_events_cli.catalog.schema_file import in_place
from canvas_events_cli.errors import CeventsError, counted, did_you_mean
from canvas_events_cli.model import NO_NAME
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.schema.listing import ENVELOPE_NAME, schema_named
from canvas_events_cli.validation.engines import NOT_THERE
from canvas_events_cli.validation.explanations import EXPLANATIONS, Explanation

_PARTS = (*ENVELOPES, "body")
_FINDING = re.compile(r"(?:.*?:\d+: )?(?P<event>\S+)(?: (?P<pointer>/\S*))? .*\[(?P<keyword>\S+)\]")
"""A line as ``validate`` prints it, with its source or without."""
_RARE = frozenset(("if", "then", "else"))
"""Rules that are told where a finding has them, not of every field that they are of."""
_MOST_LISTED = 40
_MOST_NAMES = 6
_WIDTH = 78
_ABSENT = {"no": (), "expected": (NOT_THERE,)}
"""What is told where a field lacks, by whether it has to be there."""
_OF_RECORDS = frozenset(("json", "wrapper", "signature", "duplicateKey", "undocumented"))
"""Keywords of what no schema describes."""

_NOT_NULL = {"not": {"type": "null"}}
_IS_NOT_NULL = " is not null"
_BRANCHES = (("then", "where"), ("else", "unless"))


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to say: of a place in an event, and of keywords."""

    event_name: str | None
    pointer: str
    field: DocumentedField | None
    """What the schema says at the pointer; None where only a keyword is explained."""
    required: str
    """Whether the field has to be there: ``yes``, ``expected``, ``in some events`` or ``no``."""
    conditions: tuple[str, ...]
    """What more holds in some events, and in which: ``required, string where producer is "canvas"``."""
    example: str | None
    """A value that is right there, as JSON; None where no schema has one."""
    keywords: dict[str, Explanation]


def explain(catalog: Catalog, words: Iterable[str]) -> Told:
    """Return what there is to say of a keyword, of EVENT POINTER, or of a line that ``validate`` printed.

    Of all keywords where there are no *words*.

    Raises CeventsError for what is none of these, with what may be meant and what there is.
    """
    words = [*words]
    text = " ".join(" ".join(words).split())  # a finding may have been on several lines of a terminal
    if not words:
        return Told(None, "", None, "", (), None, _pick(sorted(EXPLANATIONS)))
    if text in EXPLANATIONS:
        return Told(None, "", None, "", (), None, {text: EXPLANATIONS[text]})
    if found := _FINDING.fullmatch(text):
        keyword = _known_keyword(found["keyword"])
        if keyword in _OF_RECORDS or not found["pointer"]:
            return explain(catalog, [keyword])
        try:
            return replace(_place(catalog, found["event"], found["pointer"]), keywords=_pick([keyword]))
        except CeventsError:  # an event or a field that no schema describes
            return explain(catalog, [keyword])
    event, _, field = text.partition(" ")
    if event in (ENVELOPE_NAME, NO_NAME) or event in catalog.bodies or field:
        part = ENVELOPES[0] if event == ENVELOPE_NAME else "body"
        if not field:
            listed = f"  'cevents schema show {event}' lists them all"
            raise CeventsError(f"{event}: name a field too, such as /{part}/FIELD", listed)
        return _place(catalog, event, _pointer(field, part))
    return _place(catalog, *_event_with(catalog, event))


def _pointer(field: str, part: str = "body") -> str:
    """Return *field* as a pointer; one by its name alone is of this *part* of an event."""
    if field.startswith("/"):
        return field
    return f"/{field.replace('.', '/')}" if field.split(".")[0] in _PARTS else f"/{part}/{field}"


def _event_with(catalog: Catalog, field: str) -> tuple[str, str]:
    """Return the event that has *field*, and the field's pointer; the envelope is the same in all events.

    Raises CeventsError where several have it, with what they say of it, and where none has it.
    """
    pointer = _pointer(field)
    tokens = pointers.split(pointer)
    if tokens[0] in ENVELOPES:
        return ENVELOPE_NAME, pointer
    alike: dict[str, list[str]] = {}
    for name, body in catalog.bodies.items():
        fields = {each.path: each for each in fields_of(body, ("body",))}
        if (path := _known(fields, tokens)) is not None:
            alike.setdefault(_in_short(body, fields[path]), []).append(name)
    names = [name for group in alike.values() for name in group]
    in_envelope = _pointer(field, ENVELOPES[0])
    of_all = {each.pointer: each for each in fields_of(catalog.envelope)}.get(in_envelope)
    if of_all is not None and not names:
        return ENVELOPE_NAME, in_envelope
    if of_all is None and len(names) == 1:
        return names[0], pointer
    if names:
        have = f"{counted(len(names), 'event')} {'has' if len(names) == 1 else 'have'} this field"
        such = f"name one too, such as {names[0]} {pointer}"
        envelope = []
        if of_all is not None and in_envelope != pointer:
            have, such = f"{have}, and so has the envelope of all", f"{such}, or {ENVELOPE_NAME} {in_envelope}"
            envelope = _folded(f"{_in_short(catalog.envelope, of_all)}: ", f"{ENVELOPE_NAME} {in_envelope}")
        told = []
        for what, group in alike.items():
            more = f" and {len(group) - _MOST_NAMES:,} more" if len(group) > _MOST_NAMES else ""
            told += _folded(f"{what}: ", ", ".join(group[:_MOST_NAMES]) + more)
        raise CeventsError(f"{pointer}: {have}; {such}", *envelope, *told)
    names = [*documented_names(catalog)]
    if field.startswith("/"):
        hint = did_you_mean(pointer, [*map(_pointer, names)])
        raise CeventsError(f"{pointer}: no schema describes this{hint}")
    _known_keyword(field, *catalog.bodies, ENVELOPE_NAME, *names)
    raise AssertionError("no field is called as a keyword is")


def _in_short(file: SchemaFile, field: DocumentedField) -> str:
    """Return what the schema says of *field*, in a few words."""
    rules = [field.format or "", *(f"{keyword} {value}" for keyword, value in sorted(field.rules))]
    required = {"yes": "required"}.get(told := _required(file, field), told)
    return ", ".join([field.values_text, *filter(None, rules), *([required] if required != "no" else [])])


def _folded(label: str, text: str) -> list[str]:
    return wrap(f"{label}{text}", _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False)


def _known_keyword(word: str, *others: str) -> str:
    """Return *word*, which is a keyword. Raises CeventsError where it is none; *others* could be meant, too."""
    if word in EXPLANATIONS:
        return word
    hint = did_you_mean(word, [*EXPLANATIONS, *others])
    raise CeventsError(
        f"nothing is known of {word!r}{hint}",
        *_folded("keywords: ", ", ".join(sorted(EXPLANATIONS))),
        "  or name an event ('cevents schema list' lists them) and a pointer, such as /body/status",
    )


def _place(catalog: Catalog, event: str, pointer: str) -> Told:
    """Return what the schemas of *event* say at *pointer*. Raises CeventsError where they say nothing."""
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
    return Told(event, pointer, field, required, conditions_of(file, field), _example(file, field), _pick(keywords))


def _like_metadata(tokens: tuple[str, ...]) -> tuple[str, ...]:
    """Return *tokens* with ``metadata`` in the place of ``attributes``: the same envelope."""
    return ("metadata", *tokens[1:]) if tokens[:1] == ("attributes",) else tokens


def _known(fields: Iterable[tuple[str, ...]], tokens: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the path among those of *fields* that leads to *tokens*, by name rather than by a rule."""
    same = [
        path
        for path in fields
        if len(path) == len(tokens)
        and all(name in (token, ANY_ELEMENT) for name, token in zip(path, tokens, strict=True))
    ]
    return min(same, key=lambda path: path.count(ANY_ELEMENT), default=None)


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
    listed = [f"{where} has:", *(f"  {name}" for name in known[:_MOST_LISTED])]
    if len(known) > _MOST_LISTED:
        listed.append(f"  … and {len(known) - _MOST_LISTED:,} more")
    if not known:
        listed = [f"the schema names no field inside {where}"]
    return CeventsError(f"{event} {pointer}: no schema describes this{hint}", *listed)


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
        value = example
        for token in below:
            if token == ANY_ELEMENT:  # the first
                inside = list(value.values()) if isinstance(value, dict) else value
                value = inside[0] if isinstance(inside, list) and inside else None
            else:
                value = pointers.resolve(value, [token])
        if value is not None:
            return json.dumps(value, ensure_ascii=False)
    return None


def _pick(keywords: Iterable[str]) -> dict[str, Explanation]:
    return {word: EXPLANATIONS[word] for word in keywords if word in EXPLANATIONS}


def conditions_of(file: SchemaFile, field: DocumentedField) -> tuple[str, ...]:
    """Return what the branches of an ``if`` beside *field* ask of it, and when they do.

    For example ``required, string where producer is "canvas"``. An ``if`` that takes more words than these has is left
    out: that a field is required in some events is told beside this.
    """
    path = field.path[1:] if field.path[:1] == ("body",) and len(field.path) > 1 else field.path
    told: list[str] = []
    for schema, _ in in_place(parts_at(file, path[:-1]) or ()) if path else ():
        when = _in_words(schema["if"]) if isinstance(schema.get("if"), dict) else None
        for branch, word in _BRANCHES:
            asked = ", ".join(_asked(schema.get(branch), path[-1]))
            told += [f"{asked} {word} {when}"] if when and asked else []
    return tuple(told)


def _asked(branch: object, name: str) -> Iterator[str]:
    """Yield what *branch* asks of the field called *name*, each in a word or two."""
    if not isinstance(branch, dict):
        return
    if name in branch.get("required", ()):
        yield "required"
    schema = branch.get("properties", {}).get(name)
    for keyword, value in schema.items() if isinstance(schema, dict) else ():
        if keyword == "type":
            yield value if isinstance(value, str) else " or ".join(value)
        elif not annotates(keyword):
            yield f"{keyword} {json.dumps(value)}"


def _in_words(condition: Schema) -> str | None:
    """Return *condition* in words; None for one with other keywords, or with a field that may be absent."""
    if not condition.keys() <= {"required", "properties", "anyOf"}:
        return None
    properties, required = condition.get("properties", {}), condition.get("required", ())
    words = [_value_in_words(name, properties.get(name)) for name in required]
    if "anyOf" in condition:
        ways = [_in_words(way) if isinstance(way, dict) else None for way in condition["anyOf"]]
        texts = [way for way in ways if way]
        same = _IS_NOT_NULL if all(way.endswith(_IS_NOT_NULL) for way in texts) else ""
        words.append(" or ".join(way.removesuffix(same) for way in texts) + same if all(ways) else None)
    if not words or None in words or not properties.keys() <= {*required}:
        return None
    return ", and ".join(filter(None, words))


def _value_in_words(name: str, schema: object) -> str | None:
    if schema is None:
        return f"{name} is there"
    if schema == _NOT_NULL:
        return f"{name}{_IS_NOT_NULL}"
    if isinstance(schema, dict) and schema.keys() == {"const"}:
        return f"{name} is {json.dumps(schema['const'])}"
    return None
