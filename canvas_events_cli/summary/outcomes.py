"""How each retry ended, which only other events tell: retries and updates of assignments brought together.

Canvas takes a retry only for an assignment in ``failed_to_clone_outcome_alignment``. It sets
``outcome_alignment_cloning`` (an ``assignment_updated`` of the retry's own request) and sends the retry. The quiz
service reports the end, which shows as another ``assignment_updated``. When it never does, Canvas gives up after 15
minutes, found by a job that runs every 5, and sends nothing.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import compress, count, groupby
from operator import ne
from typing import NamedTuple

from canvas_events_cli.canvas_ids import canvas_id, local_id
from canvas_events_cli.summary.packed import PackedRows, first_rows
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.updates import NO_END, OUTCOMES, Outcome, Target, Update, Updates, digest, target_of
from canvas_events_cli.timestamps import NO_TIME

GIVEN_UP = 20 * 60 * 1_000_000
"""Microseconds after which Canvas has noticed that no end was reported: 15 minutes, and 5 between two looks."""

_ROOT, _LINK = "root_account_uuid", "new_assignment_resource_link_id"
_TARGET = (_ROOT, _LINK, "new_course_uuid", "target_assignment_id")
"""What of a retry :func:`target_of` asks for."""

_Where = tuple[object, ...]


class Ending(NamedTuple):
    """How a retry ended."""

    outcome: Outcome = "unknown"
    seconds: float | None = None
    """From a retry that succeeded to its end."""


class Assignments:
    """Which assignment each unique retry is of; each assignment has a number.

    A link id names one, in its root account. Retries without a link id are of one assignment where root account, uuid
    of the target course and numeric id of the target assignment are the same; a local id is there the only global one
    that ends in it. A retry without these names none: it stands for one of its own, since nothing proves that another
    was of the same.
    """

    def __init__(self, retries: Retries) -> None:
        self._retries = retries.rows
        self._unlinked = self._retries.absent(_LINK)
        self.rows = first_rows(self._retries, _LINK, self._keys)
        """For each retry the number of its assignment, which is the row of the first one."""
        self.unlinked = {self.rows[row] for row in self._unlinked}
        """Assignments without a link id."""
        self.repeated = Counter(compress(self.rows, map(ne, self.rows, count())))
        """How many retries there are of each assignment that has a link id and several, but for the first of them."""
        self.distinct = len(self.rows) - self.repeated.total()
        """How many there are, with a link id or without."""
        for number in self.unlinked & self.repeated.keys():
            del self.repeated[number]

    def names(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return link id and root account of assignments that have a link id; they are ordered by these."""
        rows = sorted(numbers)
        links, roots = self._retries.pick(_LINK, rows), self._retries.pick(_ROOT, rows)
        return {number: (link or "", root or "") for number, link, root in zip(rows, links, roots, strict=True)}

    def _keys(self, rows: Sequence[int]) -> Iterable[Hashable]:
        """Return what tells the assignments of *rows* from each other."""
        links = self._retries.pick(_LINK, rows)
        one_root = len(self._retries.count(_ROOT)) == 1
        keys = links if one_root else zip(links, self._retries.pick(_ROOT, rows), strict=True)
        if not self._unlinked:
            return keys
        unlinked = _keys_of_unlinked(self._retries, self._unlinked)
        return [unlinked.get(row, key) for row, key in zip(rows, keys, strict=True)]


def _keys_of_unlinked(retries: PackedRows, rows: list[int]) -> dict[int, Hashable]:
    """Return what tells the assignments of *rows*, which have no link id, from each other."""
    fields = (retries.pick(field, rows) for field in (_ROOT, "new_course_uuid", "target_assignment_id"))
    known = [(row, where, text) for row, *where, id_ in zip(rows, *fields, strict=True) if (text := canvas_id(id_))]
    full: defaultdict[Hashable, set[str]] = defaultdict(set)
    for _, where, text in known:
        local = local_id(text)
        if local != text:
            full[*where, local].add(text)
    keys: dict[int, Hashable] = {row: (row,) for row in rows}
    for row, where, text in known:
        same = full[*where, local_id(text)]
        keys[row] = (*where, next(iter(same)) if len(same) == 1 else text)
    return keys


def how_ended(
    retries: Retries, assignments: Assignments, updates: Updates, latest: int
) -> tuple[Counter[Outcome], dict[int, Ending]]:
    """Count how the unique retries ended; *latest* is the latest instant of any event.

    Also return how the last retry of each assignment ended, by its number; of any other it is not known. When a retry
    without a usable time was pressed is not known: it ended in a way that is not known either, and proves nothing of
    the others. Without updates all but the last retry of an assignment failed. So only the retries of assignments with
    updates are ever looked at one by one.
    """
    micros = retries.rows.micros
    timed = assignments.rows if NO_TIME not in micros else [
        number for number, at in zip(assignments.rows, micros, strict=True) if at != NO_TIME
    ]  # fmt: skip
    last = assignments.distinct if timed is assignments.rows else len(set(timed))
    counts: Counter[Outcome] = Counter({"failed": len(timed) - last, "unknown": len(micros) - len(timed) + last})
    last_endings: dict[int, Ending] = {}
    if updates.rows:
        for _, number, ending in ToldByUpdates(retries, assignments, updates).endings(latest):
            counts["failed" if number in last_endings else "unknown"] -= 1
            counts[ending.outcome] += 1
            last_endings.setdefault(number, ending)
    return counts, last_endings


class ToldByUpdates:
    """What updates tell of retries."""

    def __init__(self, retries: Retries, assignments: Assignments, updates: Updates) -> None:
        self._micros = retries.rows.micros
        self._assignments = assignments.rows
        wanted: defaultdict[_Where, set[int]] = defaultdict(set)
        for number, *values in set(zip(assignments.rows, *map(retries.rows.values, _TARGET), strict=True)):
            for where in _looked_for(target_of(*values)):
                wanted[where].add(number)
        known = (update for update in updates if not wanted.keys().isdisjoint(_found_under(update.target)))
        self._updates = sorted(known)
        found = {where for update in self._updates for where in _found_under(update.target)} & wanted.keys()
        touched = {number for where in found for number in wanted[where]}
        rows = [*compress(count(), map(touched.__contains__, assignments.rows))]
        columns = retries.requests(rows), *(retries.rows.pick(field, rows) for field in _TARGET)
        self._texts = dict(zip(rows, zip(*columns, strict=True), strict=True))
        """Of each retry that updates may tell of, its request, and what of it :func:`target_of` asks for."""

    def endings(self, latest: int) -> Iterator[tuple[int, int, Ending]]:
        """Yield row and assignment of each retry that updates may tell of, with how it ended; the last one first.

        Of the ends after a retry (or at its own instant) and before the next one, the first counts; of several at one
        instant the one that stands first in OUTCOMES. What the retry's own request did is no end: it shows that the
        capture holds such updates, so that silence means something.
        """
        # From the last to the first in time, so that the ends that were met are those after the retry. Under each name
        # two are enough: the first, and the first that another request caused than this one.
        rows = self._in_order()
        ends: dict[_Where, tuple[Update, Update | None]] = {}
        following: dict[int, int] = {}
        known = [update for update in self._updates if update.end != NO_END]
        requests = {digest(text) for text in {self._texts[row][0] for row in rows} if text}
        own = {
            (update.request, where)
            for update in self._updates
            if update.request in requests
            for where in _found_under(update.target)
        }
        for row in reversed(rows):
            at, number, (text, *target) = self._micros[row], self._assignments[row], self._texts[row]
            request = digest(text) if text else 0
            names = _looked_for(target_of(*target))
            while known and known[-1].at >= at:
                update = known.pop()
                for where in _found_under(update.target):
                    first, other = ends.get(where, (update, None))
                    ends[where] = update, other if first.request == update.request else first
            # The first of them, but for those that its own request caused.
            pairs = (ends[where] for where in names if where in ends)
            others = (other if request and first.request == request else first for first, other in pairs)
            end = min((update for update in others if update is not None), default=None)
            next_at = following.get(number)
            following[number] = at
            if end is not None and (next_at is None or end.at < next_at):
                outcome = OUTCOMES[end.end]
                yield row, number, Ending(outcome, (end.at - at) / 1e6 if outcome == "succeeded" else None)
            elif next_at is not None:
                yield row, number, Ending("failed")  # it could not have been pressed again otherwise
            elif request and latest - at >= GIVEN_UP and any((request, where) in own for where in names):
                yield row, number, Ending("timed_out")
            else:
                yield row, number, Ending()

    def _in_order(self) -> list[int]:
        """Return the rows that updates may tell of, in the order of time, at one instant by their texts."""
        timed = sorted((row for row in self._texts if self._micros[row] != NO_TIME), key=self._micros.__getitem__)
        ties = (tuple(rows) for _, rows in groupby(timed, self._micros.__getitem__))
        return [row for rows in ties for row in (sorted(rows, key=self._names) if len(rows) > 1 else rows)]

    def _names(self, row: int) -> list[str]:
        return [text or "" for text in self._texts[row]]


def _found_under(target: Target) -> list[_Where]:
    """Return the names under which updates of *target* are found."""
    names: list[_Where] = [("link", target.link)] if target.link else []
    place = target.place
    if place:
        for name in ("place",) if target.link else ("place", "unlinked"):
            names += (name, place), (name, place, target.number)
    return names


def _looked_for(target: Target) -> list[_Where]:
    """Return the names under which all updates of the assignment of a retry are found, and no others.

    Its link, and where either has none, its place. A local id can be any global one there; a global one that, or local.
    """
    names: list[_Where] = [("link", target.link)] if target.link else []
    place = target.place
    if place:
        name, local = "unlinked" if target.link else "place", place[1]
        names += [(name, place)] if target.number == local else [(name, place, target.number), (name, place, local)]
    return names
