"""What only makes the plain way faster; held equal to it by the property tests of every command."""

import os

WITHOUT_FAST_PATHS = "CEVENTS_WITHOUT_FAST_PATHS"
"""A variable of the environment, for tests: where it is set, every event is framed, unwrapped and parsed, in this
process and in those that it starts."""

NOT_SO = (ValueError, RecursionError)
"""What the parser of types raises for what is not of a type: its errors are ValueErrors, and it goes less deep than
orjson."""


def fast_paths_are_on() -> bool:
    """Tell whether what only makes the plain way faster is used at all."""
    return not os.environ.get(WITHOUT_FAST_PATHS)
