"""The keys, as a table: what binds them, and what the help shows of them."""

import sys
from itertools import chain, repeat
from typing import NamedTuple

from canvas_events_cli.rendering.styled import folded, painted

_LABEL_WIDTH = 12


class Key(NamedTuple):
    """What a key does."""

    keys: str
    """As Textual calls them, several with commas between."""
    action: str
    label: str
    """How a person calls the key."""
    does: str


KEYS = (
    Key("down,j", "move(1)", "↓ j", "the next event"),
    Key("up,k", "move(-1)", "↑ k", "the event before"),
    Key("pagedown,space", "move(0, 1)", "PgDn Space", "a page down"),
    Key("pageup", "move(0, -1)", "PgUp", "a page up"),
    Key("home,g", f"move({-sys.maxsize})", "Home g", "the first event"),
    Key("end,G", f"move({sys.maxsize})", "End G", "the last event; those that come are then followed"),
    Key("right,shift+down,ctrl+f", "scroll_event(1)", "→", "scroll the event down"),
    Key("left,shift+up,ctrl+b", "scroll_event(-1)", "←", "scroll the event up"),
    Key("/,slash", "ask('condition')", "/", "only events that meet a condition, as cevents filter -w has it"),
    Key("+,plus,&,ampersand", "ask('further')", "+", "a further condition"),
    Key("a", "ask('about')", "a", "only what is about an object of this event: course, assignment, user, request, …"),
    Key("escape,backspace", "take_back", "Esc", "stop looking; take back the last condition"),
    Key("f", "around", "f", "all events, those that meet the conditions marked, and back"),
    Key("n", "match(1)", "n", "the next event that meets the conditions"),
    Key("N", "match(-1)", "N", "the one before"),
    Key("e", "ask('wrong')", "e", "the next event with something wrong"),
    Key("E", "ask('wrong before')", "E", "the one before"),
    Key("t", "ask('time')", "t", "go to a time"),
    Key("o", "change('times')", "o", "in the order of time, and back"),
    Key("u", "change('digests')", "u", "hide redelivered copies, and show them"),
    Key("r", "ask('story')", "r", "the story of a retry, and how it ended"),
    Key("y", "ask('copy')", "y", "copy a value, or the event"),
    Key("w", "ask('write')", "w", "write the events of the list to a file"),
    Key("?,question_mark,f1", "ask('keys')", "?", "all keys"),
    Key("q,ctrl+q", "quit", "q", "quit"),
)


def help_lines(width: int) -> list[str]:
    """Return the table as coloured lines of at most *width* columns."""
    lines = []
    for key in KEYS:
        labels = chain([key.label], repeat(""))
        for label, text in zip(labels, folded(key.does, max(width - _LABEL_WIDTH, 1)), strict=False):
            lines.append(painted([(label.ljust(_LABEL_WIDTH), "bold"), (text, "")]))
    return lines
