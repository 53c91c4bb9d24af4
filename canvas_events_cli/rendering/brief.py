"""What of an event stands on one screen: nulls and what the title tells are left out, what is least worth is folded."""

from collections.abc import Callable, Collection, Container

from orjson import dumps

from canvas_events_cli.rendering.event_tree import CONTAINERS, NUMBERS, Folded, Marks, Members, Tree, members_of
from canvas_events_cli.rendering.safe_text import shorten, visible
from canvas_events_cli.same_event import ENVELOPES

_DEEPEST = 8
_LEAST_OF_ENVELOPE, _LEAST_OF_SECTION = 4, 2
"""Rows that a section keeps, what tells how much is folded included."""
_LONGEST_INLINE = 60
_MESSAGE_WIDTH = 40
"""Cells that what is wrong with a field gets in a line, beside the field, more or less."""
_FIRST = (
    *("workflow_state", "status", "score", "grade", "user_id", "url", "request_id"),
    *("job_tag", "job_id", "client_ip", "session_id", "user_agent", "producer"),
)
_WORTH = {name: rank for rank, name in enumerate(_FIRST)}
"""Fields that are shown before others, where not all are."""
_Keep = Callable[[str], bool]


def essentials(members: Members, told: Container[str], rows: int, marks: Marks) -> Members:
    """Return as much of an event's *members* as *rows* lines show, and all that *marks* say something of.

    *told* are the fields of the envelope that the title tells.
    """
    marked = {f"{parent or ''}/{key}" for parent, inside in marks.items() for key in inside}

    def keep(pointer: str) -> bool:
        return bool(marked) and any(each == pointer or each.startswith(f"{pointer}/") for each in marked)

    texts = [text for inside in marks.values() for messages in inside.values() for text in messages]
    rows -= sum([1 + len(text) // _MESSAGE_WIDTH for text in texts])
    members = _pruned(members, "", told, keep)
    has_sections = any(key == "body" or key in ENVELOPES for key, _ in members)
    for deepest in range(min(_levels(members) - 1, _DEEPEST), -1 + has_sections, -1):
        if _rows(members) <= rows:
            break
        members = _inlined(members, "", deepest, keep)
    return _trimmed(members, rows, keep) if _rows(members) > rows else members


def _pruned(members: Members, pointer: str, told: Container[str], keep: _Keep) -> Members:
    """Return *members* without nulls and what is *told*."""
    left: list[tuple[str, Tree]] = []
    told_here = told if pointer[1:] in ENVELOPES else ()
    for key, value in members:
        if isinstance(value, dict | tuple):
            value = _pruned(members_of(value), f"{pointer}/{key}", told, keep)
        is_told = value is None or (key in told_here and isinstance(value, str) and value)
        if not is_told or keep(f"{pointer}/{key}"):
            left.append((key, value))
    return tuple(left)


def _held(tree: Tree) -> Collection[Tree]:
    return tree if isinstance(tree, list) else [value for _, value in members_of(tree)]


def _rows(tree: Tree) -> int:
    held = _held(tree) if type(tree) in CONTAINERS else ()
    return len(held) + sum([_rows(value) for value in held if type(value) in CONTAINERS])


def _levels(tree: Tree) -> int:
    """Return how many levels of containers there are inside of *tree*."""
    return max([1 + _levels(value) for value in _held(tree) if type(value) in CONTAINERS], default=0)


def _inlined(members: Members, pointer: str, depth: int, keep: _Keep) -> Members:
    """Return *members* with each object or array that lies *depth* levels deep in one line."""
    found: list[tuple[str, Tree]] = []
    for key, value in members:
        where = f"{pointer}/{key}"
        if type(value) in CONTAINERS and value and not (depth == 0 and keep(where)):
            inside = members_of(value)
            value = _inlined(inside, where, depth - 1, keep) if depth else _in_one_line(inside)
        found.append((key, value))
    return tuple(found)


def _in_one_line(members: Members) -> Folded:
    """Return the first texts and numbers among *members*, and how many fields there are beside them."""
    told: list[str] = []
    for key, value in members:
        value = dumps(value) if type(value) in NUMBERS else value
        if isinstance(value, str | bytes) and value:
            text = value if isinstance(value, str) else value.decode()
            text = shorten(visible(text if key.isdecimal() else f"{key} {text}"), _LONGEST_INLINE)
            if sum(map(len, told)) + len(text) <= _LONGEST_INLINE:
                told.append(text)
    left = len(members) - len(told)
    return Folded(", ".join(told) + (f"{', ' if told else ''}{_more(left)}" if left else ""))


def _trimmed(members: Members, rows: int, keep: _Keep) -> Members:
    """Return *members* with less in each section, of the envelope first, until they take that many *rows*."""
    sections = dict(members)
    sizes = {key: _rows(value) for key, value in members}
    too_many = sum(sizes.values()) + len(sizes) - rows
    order = sorted(sizes, key=lambda key: (key not in ENVELOPES, -sizes[key]))
    for key in order:
        least = _LEAST_OF_ENVELOPE if key in ENVELOPES else _LEAST_OF_SECTION
        if too_many > 0 and sizes[key] > least:
            size = max(sizes[key] - too_many, least)
            too_many -= sizes[key] - size
            sections[key] = _first(members_of(sections[key]), size - 1, f"/{key}", keep)
    shown = tuple(sections.items())
    return _first(shown, rows - 1, "", keep) if len(shown) > rows else shown


def _first(members: Members, count: int, pointer: str, keep: _Keep) -> Members:
    """Return those of *members* that are of most worth, *count* rows of them, and how many more there are."""
    kept = [keep(f"{pointer}/{key}") for key, _ in members]
    worth = [(not kept[at], _WORTH.get(key, len(_WORTH)), value is False) for at, (key, value) in enumerate(members)]
    left: list[int] = []
    for place in sorted(range(len(members)), key=worth.__getitem__):
        count -= 1 + _rows(members[place][1])
        if count >= 0 or kept[place]:
            left.append(place)
    left.sort()
    more = len(members) - len(left)
    return (*[members[place] for place in left], ("…", Folded(_more(more)[2:])))


def _more(count: int) -> str:
    return f"… {count:,} more field{'s' * (count != 1)}"
