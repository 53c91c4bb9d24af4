"""Patterns that are ready to use.

What reads a pattern and what runs it in Python are imported when one needs them, which those of the bundled schemas do
not: their import takes longer than a check of one event.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from canvas_events_cli.regex.limits import MOST_BYTES, UnsupportedPattern

Matcher = Callable[[str], bool]
"""Tells whether a pattern is found anywhere in a text."""

_SAME_TO_ALL = re.compile(r"\^?(?:(?:[0-9A-Za-z]|\[(?:0-9|A-Z|A-F|a-z|a-f)+\])[*+?]?)*\$?")
"""Patterns that every engine reads alike."""
_SHORT = 100
"""Characters of a pattern that takes little memory if it repeats nothing by a number."""


@lru_cache(maxsize=512)
def rust_pattern(pattern: str, *, leading_flags: bool = False) -> str:
    """Return *pattern* as the engine inside jsonschema-rs is told it; raises UnsupportedPattern."""
    if len(pattern) <= _SHORT and _SAME_TO_ALL.fullmatch(pattern):
        return pattern
    from canvas_events_cli.regex.rust import text_of
    from canvas_events_cli.regex.syntax import parse

    return text_of(parse(pattern, leading_flags=leading_flags))


def rust_options() -> Any:
    """Return the limits of that engine: beyond those that any pattern is held to when it is read."""
    import jsonschema_rs

    return jsonschema_rs.RegexOptions(size_limit=4 * MOST_BYTES)


@lru_cache(maxsize=512)
def rust_matcher(pattern: str, *, leading_flags: bool = False) -> Matcher:
    """Return a matcher on the engine inside jsonschema-rs; raises UnsupportedPattern."""
    import jsonschema_rs

    text = rust_pattern(pattern, leading_flags=leading_flags)
    try:
        return jsonschema_rs.Draft202012Validator(
            {"pattern": text}, pattern_options=rust_options(), offline=True
        ).is_valid
    except ValueError as error:
        # Of what has been read, only a script or a property that its tables do not have.
        raise UnsupportedPattern(pattern.lower().find(r"\p"), "names an unknown Unicode property") from error


@lru_cache(maxsize=512)
def automaton_matcher(pattern: str, *, leading_flags: bool = False) -> Matcher:
    """Return a matcher in Python; raises UnsupportedPattern."""
    from canvas_events_cli.regex.automaton import Automaton, unknown_property
    from canvas_events_cli.regex.syntax import parse

    node = parse(pattern, leading_flags=leading_flags)
    if has_rust():
        rust_matcher(pattern, leading_flags=leading_flags)
    elif unknown := unknown_property(node):
        raise UnsupportedPattern(
            pattern.find(unknown), f"the property {unknown} needs jsonschema-rs, which cannot be imported"
        )
    return Automaton(node, _holds).search


def best_matcher(pattern: str, *, leading_flags: bool = False) -> Matcher:
    """Return the fastest matcher that this machine has; raises UnsupportedPattern."""
    return (rust_matcher if has_rust() else automaton_matcher)(pattern, leading_flags=leading_flags)


def has_rust() -> bool:
    """Tell whether jsonschema-rs can be imported."""
    try:
        import jsonschema_rs  # noqa: F401
    except ImportError:
        return False
    return True


@lru_cache(maxsize=4096)
def _holds(name: str, character: str) -> bool:
    """Tell whether *character* has the Unicode property, by the tables of jsonschema-rs where there are any."""
    if has_rust():
        return rust_matcher(rf"^\p{{{name}}}$")(character)
    from canvas_events_cli.regex.properties import holds_without_engine

    return bool(holds_without_engine(name, character))
