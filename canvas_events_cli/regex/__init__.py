"""Regular expressions of ECMA 262, as JSON Schema and conditions have them, in time linear to the text.

One reading of a pattern (``syntax``), two ways to run it: as text for the engine inside jsonschema-rs (``rust``), which
is fast, and as an automaton in Python (``automaton``), which works without that package and is a check of the other.
"""

from canvas_events_cli.regex.limits import UnsupportedPattern
from canvas_events_cli.regex.matchers import (
    Matcher,
    automaton_matcher,
    best_matcher,
    has_rust,
    rust_matcher,
    rust_options,
    rust_pattern,
)

__all__ = [
    "Matcher",
    "UnsupportedPattern",
    "automaton_matcher",
    "best_matcher",
    "has_rust",
    "rust_matcher",
    "rust_options",
    "rust_pattern",
]
