"""Formats that are decided here, for both engines, since the standards decide and the packages stray from them."""

from collections.abc import Callable, Mapping

from canvas_events_cli.regex import UnsupportedPattern, best_matcher


def is_regex(text: str) -> bool:
    """Tell whether *text* is a regular expression that a schema could have."""
    try:
        best_matcher(text)
    except UnsupportedPattern:
        return False
    return True


FOR_RUST: Mapping[str, Callable[[str], bool]] = {"regex": is_regex}
