"""Regular expressions of ECMA 262, as JSON Schema and conditions have them, in time linear to the text.

One reading of a pattern (``syntax``), two ways to run it: as text for the engine inside jsonschema-rs (``rust``), or,
on a machine without that package, as an automaton in Python (``automaton``). They are imported when a pattern needs
them, which those of the bundled schemas do not: their import takes longer than a check of one event.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

Matcher = Callable[[str], bool]
"""Tells whether a pattern is found anywhere in a text."""

_SAME_TO_ALL = re.compile(r"\^?(?:(?:[0-9A-Za-z]|\[(?:0-9|A-Z|A-F|a-z|a-f)+\])[*+?]?)*\$?")
"""Patterns that every engine reads alike."""
_SHORT = 100
"""Characters of a pattern that takes little memory if it repeats nothing by a number."""
MOST_BYTES = 64 << 20
"""What a pattern may take once it is compiled, as roughly reckoned by ``tree.cost``."""


class UnsupportedPattern(ValueError):
    """A pattern that is no regular expression of ECMA 262, or cannot run in linear time."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(f"{reason} (at character {at + 1})")
        self.at = at
        """The index in the pattern where the mistake is."""
        self.reason = reason


def best_matcher(pattern: str, *, leading_flags: bool = False) -> Matcher:
    """Return the fastest matcher that this machine has; raises UnsupportedPattern.

    With *leading_flags* a pattern may begin with ``(?i)`` and ``(?s)``.
    """
    if has_rust():
        return rust_matcher(pattern, leading_flags=leading_flags)
    from canvas_events_cli.regex.automaton import automaton_matcher

    return automaton_matcher(pattern, leading_flags=leading_flags)


def has_rust() -> bool:
    """Tell whether jsonschema-rs can be imported."""
    try:
        import jsonschema_rs  # noqa: F401
    except ImportError:
        return False
    return True


@lru_cache(maxsize=512)
def rust_pattern(pattern: str, *, leading_flags: bool = False) -> str:
    """Return *pattern* as the engine inside jsonschema-rs is told it; raises UnsupportedPattern."""
    if len(pattern) <= _SHORT and _SAME_TO_ALL.fullmatch(pattern):
        return pattern
    from canvas_events_cli.regex.rust import text_of
    from canvas_events_cli.regex.syntax import parse_pattern

    return text_of(parse_pattern(pattern, leading_flags=leading_flags))


def rust_options() -> Any:
    """Return the limits of that engine: beyond those that any pattern is held to when it is read."""
    import jsonschema_rs

    return jsonschema_rs.RegexOptions(size_limit=4 * MOST_BYTES)


@lru_cache(maxsize=512)
def rust_matcher(pattern: str, *, leading_flags: bool = False) -> Matcher:
    """Return a matcher on that engine; raises UnsupportedPattern."""
    import jsonschema_rs

    schema = {"pattern": rust_pattern(pattern, leading_flags=leading_flags)}
    try:
        return jsonschema_rs.Draft202012Validator(schema, pattern_options=rust_options(), offline=True).is_valid
    except ValueError as error:
        # Of what has been read, only a script or a property that its tables do not have.
        raise UnsupportedPattern(pattern.lower().find(r"\p"), "names an unknown Unicode property") from error
