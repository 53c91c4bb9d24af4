"""How each retry ended, which only other events tell: a pure function of what is kept of them.

Canvas takes a retry only for an assignment in ``failed_to_clone_outcome_alignment``. It sets
``outcome_alignment_cloning`` (an ``assignment_updated`` of the retry's own request) and sends the retry. The quiz
service reports the end, which shows as another ``assignment_updated``. When it never does, Canvas gives up after 15
minutes, found by a job that runs every 5, and sends nothing.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, get_args

from canvas_events_cli.summary.targets import Target
from canvas_events_cli.summary.timeline import NO_TIME

Outcome = Literal["succeeded", "failed", "abandoned", "timed_out", "unknown"]
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)

ENDS: Mapping[str, Outcome] = {
    "published": "succeeded",
    "unpublished": "succeeded",
    "failed_to_clone_outcome_alignment": "failed",
    "deleted": "abandoned",
}
"""What the workflow state of the assignment says of the retry before it; other states do not end one."""

GIVEN_UP = 20 * 60 * 1_000_000
"""Microseconds after which Canvas has noticed that no end was reported: 15 minutes, and 5 between two looks."""


class Retry(NamedTuple):
    """What of a retry its end depends on."""

    at: int
    """Microseconds since 1970."""
    request: int
    """Stands for ``request_id``; 0 where there is none."""
    target: Target


class Update(NamedTuple):
    """What of an ``assignment_updated`` the end of a retry depends on."""

    at: int
    """Microseconds since 1970; NO_TIME where it does not say when."""
    request: int
    """Stands for ``request_id``; 0 where there is none."""
    end: Outcome
    """What its state ends a retry with; ``unknown`` where its state ends none."""
    target: Target


class Ending(NamedTuple):
    """How a retry ended."""

    outcome: Outcome = "unknown"
    seconds: float | None = None
    """From a retry that succeeded to its end."""


class Told:
    """What updates tell, indexed: each retry costs a look-up, however many updates there are."""

    def __init__(self, updates: Iterable[Update]) -> None:
        known = sorted(updates, key=_order)
        self._ends: defaultdict[_Where, list[Update]] = defaultdict(list)
        self._requests: set[tuple[int, _Where]] = set()
        for update in known:
            for where in _found_under(update.target):
                if update.end != "unknown" and update.at != NO_TIME:
                    self._ends[where].append(update)
                if update.request:
                    self._requests.add((update.request, where))
        self._others = {where: _next_of_another_request(ends) for where, ends in self._ends.items()}

    def end_of(self, retry: Retry, before: int | None) -> Update | None:
        """Return the first end of *retry*; one at *before*, when the next retry was, comes too late."""
        found = [end for where in _looked_for(retry.target) if (end := self._first_end(retry, where)) is not None]
        end = min(found, key=_order, default=None)
        return end if end is not None and (before is None or end.at < before) else None

    def has_own_update(self, retry: Retry) -> bool:
        """Tell whether there is an update by the request of *retry*."""
        return any((retry.request, where) in self._requests for where in _looked_for(retry.target))

    def _first_end(self, retry: Retry, where: "_Where") -> Update | None:
        """Return the first end under *where* since *retry* that is not by its own request."""
        ends = self._ends.get(where, [])
        place = bisect_left(ends, retry.at, key=lambda update: update.at)
        if place < len(ends) and retry.request != 0 and ends[place].request == retry.request:
            place = self._others[where][place]
        return ends[place] if place < len(ends) else None


def endings(retries: Sequence[Retry], told: Told, latest: int) -> list[Ending]:
    """Return how each of *retries* ended: unique ones of one assignment, in the order of time.

    *latest* is the latest instant of the whole capture. Of the ends after a retry (or at its own instant) and before
    the next one, the first counts; of several at one instant the one that stands first in OUTCOMES. What the retry's
    own request did is no end: it shows that the capture holds such updates, so that silence means something.

    >>> target = Target(1, 0, 0)
    >>> endings([Retry(0, 7, target)], Told([Update(16_228_000, 8, "succeeded", target)]), 20_000_000)
    [Ending(outcome='succeeded', seconds=16.228)]
    """
    found = []
    for retry, following in zip(retries, [*retries[1:], None], strict=False):
        end = told.end_of(retry, None if following is None else following.at)
        if end is not None:
            found.append(Ending(end.end, (end.at - retry.at) / 1e6 if end.end == "succeeded" else None))
        elif following is not None:
            found.append(Ending("failed"))  # it could not have been pressed again otherwise
        elif latest - retry.at >= GIVEN_UP and told.has_own_update(retry):
            found.append(Ending("timed_out"))
        else:
            found.append(Ending())
    return found


_Where = tuple[object, ...]


def _order(update: Update) -> tuple[int, int]:
    return update.at, OUTCOMES.index(update.end)


def _found_under(target: Target) -> Iterator[_Where]:
    """Yield the names under which updates of *target* are found."""
    if target.link:
        yield "link", target.link
    if target.place:
        for name in ("place",) if target.link else ("place", "unlinked"):
            yield name, target.place
            yield name, target.place, target.number


def _looked_for(target: Target) -> Iterator[_Where]:
    """Yield the names under which all updates of the assignment of a retry are found, and no others.

    Its link, and where either has none, its place. A local id can be any global one there; a global one that, or local.
    """
    if target.link:
        yield "link", target.link
    if target.place:
        name, (_, local) = "unlinked" if target.link else "place", target.place
        if target.number == local:
            yield name, target.place
        else:
            yield name, target.place, target.number
            yield name, target.place, local


def _next_of_another_request(ends: Sequence[Update]) -> list[int]:
    """Return for each of *ends* the place of the next that another request caused."""
    following = [len(ends)] * len(ends)
    for place in range(len(ends) - 2, -1, -1):
        same = ends[place].request == ends[place + 1].request
        following[place] = following[place + 1] if same else place + 1
    return following
