"""The assignments that were retried, and how their retries ended: retries and updates brought together."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable
from itertools import count
from typing import NamedTuple

from canvas_events_cli.canvas_ids import canvas_id, local_id
from canvas_events_cli.summary.groups import members
from canvas_events_cli.summary.outcomes import Ending, Outcome, Retry, Told, endings
from canvas_events_cli.summary.retries import Retries
from canvas_events_cli.summary.retry_clone import RetryField
from canvas_events_cli.summary.targets import Place, Target, digest, target_of
from canvas_events_cli.summary.timeline import NO_TIME
from canvas_events_cli.summary.updates import Updates


class Assignments:
    """Which assignment each unique retry is of; each assignment has a number.

    A link id names one, in its root account. Retries without a link id are of one assignment where root account, uuid
    of the target course and numeric id of the target assignment are the same; a local id is there the only global one
    that ends in it. A retry without these names none: it stands for one of its own, since nothing proves that another
    was of the same.
    """

    def __init__(self, retries: Retries) -> None:
        self._links, self._roots = retries.column("target_assignment"), retries.column("root_account")
        self._unlinked = self._links.numbers.get(None)
        self.rows = self._links.rows
        """For each retry the number of its assignment."""
        if self._unlinked is not None or len(self._roots.numbers) > 1:
            keys: Iterable[Hashable] = zip(self._links.rows, self._roots.rows, strict=True)
            if self._unlinked is not None:
                unlinked = [row for row, link in enumerate(self._links.rows) if link == self._unlinked]
                keys = (dict(enumerate(keys)) | _keys_of_unlinked(retries, unlinked)).values()
            numbers: defaultdict[Hashable, int] = defaultdict(count().__next__)
            self.rows = array("I", map(numbers.__getitem__, keys))
        self._a_row = dict(zip(self.rows, count(), strict=False))

    def count(self) -> Counter[int]:
        """Count the retries of each assignment that has a link id."""
        counts = Counter(self.rows)
        return counts if self._unlinked is None else Counter({n: counts[n] for n in counts if self.has_link(n)})

    def has_link(self, number: int) -> bool:
        """Tell whether the assignment has a link id."""
        return self._links.rows[self._a_row[number]] != self._unlinked

    def names(self, numbers: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return link id and root account of assignments that have a link id; they are ordered by these."""
        links, roots = self._links.texts(), self._roots.texts()
        rows = ((number, self._a_row[number]) for number in numbers)
        return {n: (links[self._links.rows[row]] or "", roots[self._roots.rows[row]] or "") for n, row in rows}


def _keys_of_unlinked(retries: Retries, rows: list[int]) -> dict[int, Hashable]:
    """Return what tells the assignments of *rows*, which have no link id, from each other."""
    roots, courses = retries.column("root_account").rows, retries.column("target_course").rows
    ids = retries.column("target_assignment_id")
    texts = [canvas_id(text) for text in ids.texts()]
    known = [(row, text) for row in rows if (text := texts[ids.rows[row]]) is not None]
    full: defaultdict[Hashable, set[str]] = defaultdict(set)
    for row, text in known:
        local = local_id(text)
        if local != text:
            full[roots[row], courses[row], local].add(text)
    keys: dict[int, Hashable] = {row: (row,) for row in rows}
    for row, text in known:
        same = full[roots[row], courses[row], local_id(text)]
        keys[row] = (roots[row], courses[row], next(iter(same)) if len(same) == 1 else text)
    return keys


class Ended(NamedTuple):
    """How the unique retries ended."""

    counts: Counter[Outcome]
    last: dict[int, Ending]
    """The ending of the last retry of each assignment, by its number; of any other it is not known."""

    def last_of(self, assignment: int) -> Ending:
        """Return how the last retry of *assignment* ended."""
        return self.last.get(assignment, Ending())


def how_ended(retries: Retries, assignments: Assignments, updates: Updates, latest: int) -> Ended:
    """Bring *retries* and *updates* together; *latest* is the latest instant of any event.

    When a retry without a usable time was pressed is not known: it ended in a way that is not known either, and proves
    nothing of the others. Without updates all but the last retry of an assignment failed. So only the retries of
    assignments with updates are ever looked at one by one.
    """
    micros = retries.micros
    timed = assignments.rows if NO_TIME not in micros else [
        number for number, at in zip(assignments.rows, micros, strict=True) if at != NO_TIME
    ]  # fmt: skip
    last = len(set(timed))
    counts: Counter[Outcome] = Counter({"failed": len(timed) - last, "unknown": len(micros) - len(timed) + last})
    endings_of_last: dict[int, Ending] = {}
    if updates.rows:
        table = _Targets(retries)
        told, touched = table.told(assignments, updates)
        for number, rows in members(assignments.rows, touched).items():
            found = endings(table.in_order(rows), told, latest)
            if found:
                counts["failed"] -= len(found) - 1
                counts["unknown"] -= 1
                counts.update(ending.outcome for ending in found)
                endings_of_last[number] = found[-1]
    return Ended(counts, endings_of_last)


_TARGET: tuple[RetryField, ...] = ("root_account", "target_assignment", "target_course", "target_assignment_id")


class _Targets:
    """The retries as what their ends depend on."""

    def __init__(self, retries: Retries) -> None:
        self._columns = [retries.column(field) for field in _TARGET]
        self._texts = [column.texts() for column in self._columns]
        self._micros = retries.micros
        self._requests = [*retries.requests()]

    def told(self, assignments: Assignments, updates: Updates) -> tuple[Told, set[int]]:
        """Return what *updates* tell, and the numbers of the assignments that they may tell of."""
        by_link: dict[int, int] = {}
        by_place: defaultdict[Place | None, list[int]] = defaultdict(list)
        for number, *values in set(zip(assignments.rows, *(column.rows for column in self._columns), strict=True)):
            target = self._target(values)
            if target.link:
                by_link[target.link] = number
            if target.place:
                by_place[target.place].append(number)
        known = [*updates.of(by_link, by_place)]
        links, places = {update.target.link for update in known}, {update.target.place for update in known}
        touched = {by_link[link] for link in links & by_link.keys()}
        touched.update(number for place in places & by_place.keys() for number in by_place[place])
        return Told(known), touched

    def in_order(self, rows: Iterable[int]) -> list[Retry]:
        """Return those of *rows* that have a time, in its order; at one instant by request and target, as texts."""
        timed = [row for row in rows if self._micros[row] != NO_TIME]
        return [self._retry(row) for row in sorted(timed, key=self._place_in_time)]

    def _place_in_time(self, row: int) -> tuple[int, list[str]]:
        names = (texts[column.rows[row]] for texts, column in zip(self._texts, self._columns, strict=True))
        return self._micros[row], [text or "" for text in (self._requests[row], *names)]

    def _retry(self, row: int) -> Retry:
        request = self._requests[row]
        target = self._target([column.rows[row] for column in self._columns])
        return Retry(self._micros[row], digest(request) if request else 0, target)

    def _target(self, values: Iterable[int]) -> Target:
        return target_of(*(texts[value] for texts, value in zip(self._texts, values, strict=True)))
