"""The keys, as a table: what binds them, what the help shows, and what the last line reminds of."""

from typing import NamedTuple


class Key(NamedTuple):
    """What a key does."""

    keys: str
    """As Textual calls them, several with commas between."""
    action: str
    label: str
    """How a person calls the key."""
    does: str


KEYS = (
    Key("up,k", "move(-1)", "↑ k", "the event before"),
    Key("down,j", "move(1)", "↓ j", "the next event"),
    Key("pageup", "page(-1)", "PgUp", "a page up"),
    Key("pagedown,space", "page(1)", "PgDn", "a page down"),
    Key("home,g", "to_end(-1)", "Home g", "the first event"),
    Key("end,G", "to_end(1)", "End G", "the last event; new ones are then followed"),
    Key("left,shift+up", "scroll_event(-1)", "←", "scroll the event up"),
    Key("right,shift+down", "scroll_event(1)", "→", "scroll the event down"),
    Key("?,f1", "keys", "?", "all keys"),
    Key("q,ctrl+q", "quit", "q", "quit"),
)
