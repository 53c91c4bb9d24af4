"""Exit codes, and the one exception that is meant for the person at the keyboard."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process tells its caller; the README's table lists the same."""

    OK = 0
    FINDINGS = 1
    """Something invalid or malformed; for ``filter``, nothing matched (as grep)."""
    USAGE = 2
    """A wrong option, an unreadable source, a broken schema, or nothing to work on."""
    BUG = 3
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


class CeventsError(Exception):
    """Something the user has to mend before cevents can go on: exit code 2.

    The first argument is one message: what is wrong, where, and what to do about it. Further ones are lines that show
    the place below it; only they may begin a line, since a file's name in a message can hold line feeds.
    """

    def __str__(self) -> str:
        """Return the message and the lines below it."""
        return "\n".join(self.args)


class ClosedPipe(Exception):
    """The reader of standard output has gone; not an OSError, which Typer would take for its own."""


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return ``"; did you mean 'X'?"`` for the closest of *known*, or an empty string."""
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1, cutoff=0.7)
    return f"; did you mean {close[0]!r}?" if close else ""
