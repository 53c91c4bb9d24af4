"""What bounds a pattern, and the error for one that is beyond."""

MOST_BYTES = 64 << 20
"""What a pattern may take once it is compiled, as roughly reckoned by ``tree.cost``."""


class UnsupportedPattern(ValueError):
    """A pattern that is no regular expression of ECMA 262, or cannot run in linear time."""

    def __init__(self, at: int, reason: str) -> None:
        super().__init__(f"{reason} (at character {at + 1})")
        self.at = at
        """The index in the pattern where the mistake is."""
        self.reason = reason
