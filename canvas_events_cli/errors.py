"""Exit codes, and the one exception that is meant for the person at the keyboard."""

import errno
import os
import re
from collections.abc import Collection
from enum import IntEnum
from functools import lru_cache
from itertools import pairwise


class ExitCode(IntEnum):
    """What the process tells its caller; the table in .docs/ci.md lists the same."""

    OK = 0
    FINDINGS = 1
    """Something invalid or malformed; for ``filter``, nothing matched (as grep)."""
    USAGE = 2
    """A wrong option, an unreadable source, a broken schema, or nothing to work on."""
    BUG = 3
    INTERRUPTED = 130
    CLOSED_PIPE = 141


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


_REFUSALS = (errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOMEM)


def refusal(error: BaseException) -> str | None:
    """Return what the system said where it refused memory, files or processes, and *error* came of it; else None."""
    at: BaseException | None = error
    while at is not None:
        if isinstance(at, MemoryError):
            return os.strerror(errno.ENOMEM)
        if isinstance(at, OSError) and at.errno in _REFUSALS:
            return os.strerror(at.errno)
        # A module in C that cannot be loaded, a thread that cannot be started: only their texts say why.
        if isinstance(at, ImportError | RuntimeError) and any(sign in str(at) for sign in _REFUSED):
            return str(at)
        at = at.__cause__ or at.__context__
    return None


_REFUSED = ("can't start new thread", "failed to map segment", *map(os.strerror, _REFUSALS))


def did_you_mean(word: str, known: list[str] | tuple[str, ...]) -> str:
    """Return ``"; did you mean 'X'?"`` for the closest of *known*, or an empty string.

    Of a glob, how its words are spelled where it matches some of *known*.
    """
    close = None
    if _MAGIC.search(word):
        from fnmatch import fnmatchcase

        words = {part for name in known for part in _PARTS.findall(name)}
        meant = _PARTS.sub(lambda match: closest(match[0], words) or match[0], word)
        close = meant if any(fnmatchcase(name, meant) for name in known) else None
    close = close or closest(word, known)
    return f"; did you mean {close!r}?" if close else ""


_LEAST_ALIKE = 0.7
"""Of two names' letters this part, at least, stands in both in one order, where one may be meant by the other."""
_LEAST_PART = 0.65
"""The same of the parts in which they differ."""
_MOST_ALIKE = 5
"""How many of those that are alike as a whole are looked at by their parts."""
_MAGIC = re.compile(r"[*?\[]")
_PARTS = re.compile(r"[^\W_]+")


def closest(word: str, known: Collection[str]) -> str | None:
    """Return the one of *known* that *word* is most likely a misspelling of, in its letters or their case; or None."""
    from difflib import get_close_matches

    if same := [name for name in known if name.casefold() == word.casefold()]:
        return same[0]
    # Names of which one is meant by the other have pairs of letters in common: to count these is far quicker.
    pairs = _pairs(word)
    near = [name for name in known if 5 * len(pairs & (other := _pairs(name))) >= len(pairs) + len(other)]
    alike = get_close_matches(word, near, n=_MOST_ALIKE, cutoff=_LEAST_ALIKE) if near else ()
    return next((name for name in alike if _is_misspelling(word, name)), None)


def _is_misspelling(word: str, name: str) -> bool:
    """Tell whether the parts in which two names differ are alike, or one only has more parts.

    Most letters of ``quiz_started`` stand in ``quiz_submitted``, and yet it is another event.
    """
    from difflib import SequenceMatcher

    ours, theirs = (_PARTS.findall(text) for text in (word, name))
    only_ours = "_".join(part for part in ours if part not in theirs)
    only_theirs = "_".join(part for part in theirs if part not in ours)
    return not (only_ours and only_theirs) or SequenceMatcher(None, only_ours, only_theirs).ratio() >= _LEAST_PART


@lru_cache(maxsize=4096)
def _pairs(name: str) -> frozenset[str]:
    """Return the pairs of letters that stand side by side in *name*, its ends included."""
    return frozenset(map("".join, pairwise(f"^{name}$")))


def counted(number: int, noun: str) -> str:
    """Return how many there are of what is called *noun*: ``1 event``, ``1,234 events``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def not_installed(what: str, extra: str) -> str:
    """Return what to tell a person who asks for *what*, which takes packages that an *extra* of cevents brings."""
    return f'{what} takes packages that are not installed: the extra {extra} brings them, see "Extras" in the README'
