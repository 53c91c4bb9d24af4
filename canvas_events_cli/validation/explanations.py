"""What each keyword of a finding means, in words of ours: for people who meet one for the first time.

The examples are JSON: *right* keeps to *schema*, *wrong* does not, and a finding with this keyword is all that it has.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from canvas_events_cli.validation.engines import FALSE_SCHEMA, NOT_DOCUMENTED, NOT_THERE, TOO_DEEP


class Explanation(NamedTuple):
    """What is to be said of one keyword."""

    means: str
    """What is wrong with the value, and why that matters."""
    cause: str
    """What usually causes it, and what to look at."""
    schema: dict[str, Any] | None
    """A schema that asks for it; None for what no schema says."""
    right: str
    wrong: str


_NEWER = "Canvas may have added it since the schema was written: 'cevents drift' tells how often it comes."
_EDGE = "A default such as 0 or -1 that stands for 'none', a percentage where a fraction is due, or another unit."
_CUT = "Something on the way cut it, or filled it up: Canvas itself cuts free text at 8,192 characters."
_LIST = "A producer that sends all at once what it sent one by one before, or a filter on the way."
_OTHER = "An event of another version, or of another kind, than the schema was written for."
_CLOSED = "Your own schema: those that come with cevents are open. Open it, or describe the field there."
_BESIDE = "One of two fields that belong together was dropped, as Canvas drops fields that are null."
_NOTHING = "The schema allows no value at all here: one of its parts is 'false'."
_FORBIDS = "Your own schema rules it out on purpose. Look there for a comment or a description."

EXPLANATIONS: Mapping[str, Explanation] = {
    "json": Explanation(
        "The record is no JSON, so nothing in it can be read. The message says what the parser met, and where.",
        "A capture that was cut off, lines that a log or an editor broke, or a page that tells an error.",
        None,
        '{"metadata": {"event_name": "logged_in"}, "body": {}}',
        '{"metadata": {"event_name": "logged_in"}, "bo',
    ),
    "wrapper": Explanation(
        "What looks like a message of a queue, a row of a warehouse or a token holds no event where one should be.",
        "A test message of the queue, a row of another table, or a body encoded twice. --no-unwrap takes it as it is.",
        None,
        '{"Messages": [{"MessageId": "1", "Body": "{\\"metadata\\": {}, \\"body\\": {}}"}]}',
        '{"Messages": [{"MessageId": "1", "Body": "a test"}]}',
    ),
    "signature": Explanation(
        "The signature of the token fits none of the keys, or the token was not valid when the event happened.",
        "Old keys in --jwks FILE: Instructure changes them. Otherwise the event is not from Canvas, or was changed.",
        None,
        '"eyJhbGciOiJSUzI1NiJ9.eyJ…fX0.…", signed with a key of --jwks FILE',
        '"eyJhbGciOiJSUzI1NiJ9.eyJ…fX0.…", signed with another',
    ),
    "duplicateKey": Explanation(
        "A key stands more than once in one object. Parsers disagree about which of the values counts. (--strict)",
        "Text that was put together by hand, or by a template, where a JSON library was due.",
        None,
        '{"status": "outcome_alignment_cloning"}',
        '{"status": "outcome_alignment_cloning", "status": "published"}',
    ),
    NOT_DOCUMENTED: Explanation(
        "The field, or the event, is in no schema. It is a note, and a finding with --strict.",
        f"{_NEWER} A misspelt name is the other cause.",
        None,
        '{"body": {"status": "outcome_alignment_cloning"}}',
        '{"body": {"status": "outcome_alignment_cloning", "statsu": "x"}}',
    ),
    NOT_THERE: Explanation(
        "A field that normally is there, and not null, is missing. It is a note, and a finding with --strict.",
        "The object has no such value in Canvas, and Canvas drops fields that are null; or something dropped it later.",
        None,
        '{"body": {"domain": "learn.example.edu"}}',
        '{"body": {}}',
    ),
    "required": Explanation(
        "A field that the producer cannot leave out is missing. Whoever reads events by it loses this one.",
        "It was renamed or dropped on the way, by a filter or a mapping; look for an unknown field beside it.",
        {"required": ["status"]},
        '{"status": "outcome_alignment_cloning"}',
        "{}",
    ),
    "type": Explanation(
        'The JSON type is another than the schema asks for: "612" is a string, 612 is a number, null is neither.',
        "A program between Canvas and the capture that turned texts of digits into numbers, or empty texts into null.",
        {"type": "string"},
        '"21070000000000612"',
        "21070000000000612",
    ),
    "format": Explanation(
        "The text is not in the form that the schema names: a date and time needs its offset, an address its scheme.",
        "A time that was written anew without its offset, in the time of some server, or cut to its date.",
        {"format": "date-time"},
        '"2024-07-30T19:04:35.872Z"',
        '"2024-07-30 19:04:35"',
    ),
    "pattern": Explanation(
        "The text does not match the regular expression (ECMA 262) of the schema, such as one of an id of digits.",
        "Another kind of id in the field: a uuid, an id with its shard (2107~612), or one with spaces around it.",
        {"pattern": "^[0-9]+$"},
        '"21070000000000612"',
        '"2107~612"',
    ),
    "enum": Explanation(
        "The value is none of those that the schema lists.",
        f"{_NEWER} Upper and lower case are different, too.",
        {"enum": ["published", "unpublished"]},
        '"published"',
        '"Published"',
    ),
    "const": Explanation(
        "The value is not the only one that the schema allows.",
        _OTHER,
        {"const": "canvas"},
        '"canvas"',
        '"quizzes"',
    ),
    "minLength": Explanation(
        "The text is shorter than the schema allows; mostly it is empty.",
        "An empty text where Canvas sends null or nothing, put there by a form, a warehouse or a mapping.",
        {"minLength": 1},
        '"published"',
        '""',
    ),
    "maxLength": Explanation(
        "The text is longer than the schema allows.", _CUT, {"maxLength": 5}, '"short"', '"longer"'
    ),
    "minimum": Explanation("The number is below the least that is allowed.", _EDGE, {"minimum": 0}, "0", "-1"),
    "maximum": Explanation("The number is above the most that is allowed.", _EDGE, {"maximum": 1}, "0.87", "87"),
    "exclusiveMinimum": Explanation(
        "The number is at or below a limit that it has to be above.", _EDGE, {"exclusiveMinimum": 0}, "1", "0"
    ),
    "exclusiveMaximum": Explanation(
        "The number is at or above a limit that it has to be below.", _EDGE, {"exclusiveMaximum": 1}, "0.87", "1"
    ),
    "multipleOf": Explanation(
        "The number is no multiple of the one that the schema names.",
        "Rounding, or a fraction where whole units are due.",
        {"multipleOf": 0.5},
        "1.5",
        "1.25",
    ),
    "minItems": Explanation("The array has too few items.", _LIST, {"minItems": 1}, '["612"]', "[]"),
    "maxItems": Explanation("The array has too many items.", _LIST, {"maxItems": 1}, '["612"]', '["612", "655"]'),
    "uniqueItems": Explanation(
        "Two items of the array are equal, where all have to be different.",
        "Lists that were joined, or a retry that added what was there already.",
        {"uniqueItems": True},
        '["612", "655"]',
        '["612", "612"]',
    ),
    "contains": Explanation(
        "The array has too few items, or too many, of the kind that the schema asks for.",
        _LIST,
        {"contains": {"const": "Learner"}},
        '["Learner"]',
        '["Observer"]',
    ),
    "minProperties": Explanation("The object has too few fields.", _BESIDE, {"minProperties": 1}, '{"id": "1"}', "{}"),
    "maxProperties": Explanation(
        "The object has more fields than the schema allows.",
        _CLOSED,
        {"maxProperties": 1},
        '{"id": "1"}',
        '{"a": 1, "b": 2}',
    ),
    "propertyNames": Explanation(
        "A field has a name that the schema does not allow in this object.",
        "Data in the place of names: an object by id where the schema expects another key, for instance.",
        {"propertyNames": {"pattern": "^[a-z_]+$"}},
        '{"user_id": "42"}',
        '{"User Id": "42"}',
    ),
    "additionalProperties": Explanation(
        "The object has a field that the schema does not name, and it allows no others.",
        _CLOSED,
        {"properties": {"id": True}, "additionalProperties": False},
        '{"id": "1"}',
        '{"id": "1", "extra": true}',
    ),
    "unevaluatedProperties": Explanation(
        "The object has a field that no part of the schema describes, and it allows no others.",
        _CLOSED,
        {"allOf": [{"properties": {"id": True}}], "unevaluatedProperties": False},
        '{"id": "1"}',
        '{"id": "1", "extra": true}',
    ),
    "dependentRequired": Explanation(
        "A field is missing that has to be there because another one is.",
        _BESIDE,
        {"dependentRequired": {"user_id": ["user_login"]}},
        '{"user_id": "42", "user_login": "ada"}',
        '{"user_id": "42"}',
    ),
    "dependencies": Explanation(
        "A field is missing that has to be there because another one is; up to draft 7 of JSON Schema.",
        _BESIDE,
        {"$schema": "http://json-schema.org/draft-07/schema#", "dependencies": {"user_id": ["user_login"]}},
        '{"user_id": "42", "user_login": "ada"}',
        '{"user_id": "42"}',
    ),
    "anyOf": Explanation(
        "The value fits none of the alternatives; where all of them are types, the message lists these.",
        _OTHER,
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        '"612"',
        "null",
    ),
    "oneOf": Explanation(
        "The value fits none of the alternatives, or more than one, where exactly one has to fit.",
        f"{_OTHER} Alternatives that overlap are a mistake in the schema.",
        {"oneOf": [{"type": "string"}, {"type": "integer"}]},
        '"612"',
        "null",
    ),
    "not": Explanation("The value is what the schema rules out.", _FORBIDS, {"not": {"const": ""}}, '"a"', '""'),
    "items": Explanation(
        "The array has an item where the schema allows no further one.",
        _LIST,
        {"prefixItems": [True], "items": False},
        '["612"]',
        '["612", "655"]',
    ),
    "additionalItems": Explanation(
        "The array has more items than the schema describes, and it allows no others; up to 2019-09 of JSON Schema.",
        _LIST,
        {"$schema": "http://json-schema.org/draft-07/schema#", "items": [True], "additionalItems": False},
        '["612"]',
        '["612", "655"]',
    ),
    "unevaluatedItems": Explanation(
        "The array has an item that no part of the schema describes, and it allows no others.",
        _LIST,
        {"prefixItems": [True], "unevaluatedItems": False},
        '["612"]',
        '["612", "655"]',
    ),
    "properties": Explanation(
        _NOTHING, _FORBIDS, {"properties": {"password": False}}, '{"id": "1"}', '{"password": "x"}'
    ),
    "patternProperties": Explanation(
        _NOTHING, _FORBIDS, {"patternProperties": {"^secret": False}}, '{"id": "1"}', '{"secret_key": "x"}'
    ),
    "prefixItems": Explanation(_NOTHING, _FORBIDS, {"prefixItems": [False]}, "[]", '["612"]'),
    "allOf": Explanation(_NOTHING, _FORBIDS, {"allOf": [{"items": {"allOf": [False]}}]}, "[]", "[1]"),
    "then": Explanation(_NOTHING, _FORBIDS, {"if": {"type": "null"}, "then": False}, '"a"', "null"),
    "else": Explanation(_NOTHING, _FORBIDS, {"if": {"type": "string"}, "else": False}, '"a"', "null"),
    "dependentSchemas": Explanation(
        _NOTHING, _FORBIDS, {"dependentSchemas": {"password": False}}, '{"id": "1"}', '{"password": "x"}'
    ),
    FALSE_SCHEMA: Explanation(
        "The whole schema is 'false': it allows nothing at all.",
        _FORBIDS,
        None,
        "no value",
        "any value",
    ),
    TOO_DEEP: Explanation(
        "The value is nested so deeply that the engine cannot follow the references of the schema into it.",
        "Data that is hostile, or wrong: no event of Canvas is nested like that.",
        None,
        '{"children": []}',
        '{"children": [{"children": [{"children": …',
    ),
}
