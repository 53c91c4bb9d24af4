"""Who takes part in what: a school that grows with what is asked of it, and which of it an event tells of.

Of every kind of object there is a pool. What an event tells of is drawn from there, the first ones more often; what an
event creates is new. A student hands in an assignment under one id, and again with another attempt. All objects have
numbers, and these are computed, not remembered: of so many events as one likes, a few megabytes are kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

Numbers = Mapping[str, int]
"""The numbers of what an event tells of, by kind; of users, by what they are. ``""`` has that of all other kinds."""

_COURSES_AT_FIRST, _EVENTS_A_COURSE, _MOST_COURSES = 3, 60, 8192
_COURSE_BITS, _SEAT_BITS = 14, 6
"""Numbers of objects end in the bits of their course's, those of submissions and enrollments in those of a seat."""
_COHORT = 48
"""Students who take four courses together: enough for the largest of them."""
_COURSES_OF_A_TEACHER = 3
_STAFF = 4
_EVENTS_AN_OBJECT = 16
"""So often a course is heard of before it has another topic, file or group."""
_RECENT = 4096
"""Submissions that are handed in again, or graded."""
_HANDED_IN = "submission_created"
_AGAIN, _LATER = 0.25, 0.7
"""How often what is handed in, or what else befalls a submission, is of one that was told of before."""


class About(NamedTuple):
    """What decides which objects an event tells of."""

    subject: str | None
    """The kind that it is about."""
    is_new: bool
    """Whether it creates that one."""
    is_of_submission: bool


@dataclass(slots=True)
class _Course:
    index: int
    heard_of: int = 0
    assignment: int = 0
    """The one that students hand in, one after another; then the next."""
    seat: int = 0
    """Of the next one who does, or enrolls."""
    created: dict[str, int] = field(default_factory=dict)
    """How many objects there are, by kind, where events have created some."""

    @property
    def size(self) -> int:
        return 12 + self.index * 7 % 29

    @property
    def objects(self) -> int:
        """How many objects there are of kinds of which none was created."""
        return 1 + self.heard_of // _EVENTS_AN_OBJECT


@dataclass(slots=True)
class _Submission:
    course: _Course
    assignment: int
    seat: int
    attempt: int = 1


class World:
    """The school."""

    def __init__(self, first: int, random: Random) -> None:
        """*first*, below a thousand, is the number of the first object of each kind."""
        self._first = first
        self._random = random.random
        self._events = self._users = 0
        self._courses: list[_Course] = []
        self._enrolling = _Course(-1, seat=_COHORT)
        self._recent: list[_Submission] = []

    def draw(self, about: About, name: str) -> Numbers:
        """Return the numbers of what the next event, of this *name*, tells of. Takes two microseconds."""
        self._events += 1
        submission = self._submission(name) if about.is_of_submission else None
        course = submission.course if submission else self._course_for(about)
        course.heard_of += 1
        seat = submission.seat if submission else self._seat(course, about)
        number = self._first + course.index
        numbers = {
            "": self._skewed(course.objects) << _COURSE_BITS | number,
            "course": number,
            "section": number,
            "enrollment": number << _SEAT_BITS | seat,
            "student": self._first + course.index // 4 * _COHORT + (seat * 7 + course.index * 5) % _COHORT,
            "teacher": self._first + course.index // _COURSES_OF_A_TEACHER,
            "staff": self._first + self._skewed(_STAFF),
            "job": self._events,
        }
        if about.subject == "user" and about.is_new:
            numbers["student"] = self._first + self._new_user()
        elif about.subject not in (None, "course", "user", "enrollment"):
            numbers[about.subject] = self._object(course, about) << _COURSE_BITS | number
        if submission is not None:
            numbers["assignment"] = numbers["quiz"] = submission.assignment << _COURSE_BITS | number
            numbers["submission"] = numbers["assignment"] << _SEAT_BITS | seat
            numbers["attempt"] = submission.attempt
        return numbers

    def _skewed(self, count: int) -> int:
        """Return a number below *count*, small ones more often."""
        return int(count * self._random() ** 2)

    def _course_for(self, about: About) -> _Course:
        if about.is_new and about.subject == "course":
            return self._open_course()
        if about.is_new and about.subject == "enrollment":
            if self._enrolling.seat >= self._enrolling.size:
                self._enrolling = _Course(max(self._enrolling.index + 1, len(self._courses)))
            return self._enrolling
        return self._any_course()

    def _any_course(self) -> _Course:
        while len(self._courses) < min(_COURSES_AT_FIRST + self._events // _EVENTS_A_COURSE, _MOST_COURSES):
            self._open_course()
        return self._courses[self._skewed(len(self._courses))]

    def _open_course(self) -> _Course:
        course = _Course(len(self._courses))
        self._courses.append(course)
        return course

    def _seat(self, course: _Course, about: About) -> int:
        if course is not self._enrolling:
            return self._skewed(course.size)
        course.seat += 1
        return course.seat - 1

    def _new_user(self) -> int:
        """Return a number that no student of a course has so far."""
        number = max(self._users, -(-len(self._courses) // 4) * _COHORT)
        self._users = number + 1
        return number

    def _object(self, course: _Course, about: About) -> int:
        """Return which one of its kind, in *course*, an event is about."""
        assert about.subject is not None  # noqa: S101 (the caller has looked)
        count = max(course.created.get(about.subject, 0), course.objects)
        if not about.is_new:
            return self._skewed(count)
        course.created[about.subject] = count + 1
        return count

    def _submission(self, name: str) -> _Submission:
        """Return what a student hands in, or has handed in, and no two for the same assignment."""
        if self._recent and self._random() < (_AGAIN if name == _HANDED_IN else _LATER):
            submission = self._recent[int(len(self._recent) * self._random())]
            submission.attempt += name == _HANDED_IN
            return submission
        course = self._any_course()
        submission = _Submission(course, course.assignment, course.seat)
        course.seat += 1
        if course.seat == course.size:
            course.seat, course.assignment = 0, course.assignment + 1
            course.created["assignment"] = max(course.created.get("assignment", 0), course.assignment + 1)
        if len(self._recent) < _RECENT:
            self._recent.append(submission)
        else:
            self._recent[int(_RECENT * self._random())] = submission
        return submission
