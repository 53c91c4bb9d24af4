"""What becomes of each place in an event: read from its schemas, where ``x-personal`` declares it.

The annotation nearest to a field counts. Where there is none, on undocumented fields too, texts are personal, and so
are numbers of four digits or more; times (``format: date-time``) and the choices of an ``enum`` or ``const`` are not.
The schema speaks of the field: a value stays only where it looks like one of that field (see ``harmless``).
"""

import re
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache, partial

from canvas_events_cli import caliper
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.model import Json
from canvas_events_cli.parse import loads
from canvas_events_cli.pointers import KeyPath
from canvas_events_cli.same_event import ENVELOPES, envelope
from canvas_events_cli.scrubbing.digits import replace_number
from canvas_events_cli.scrubbing.harmless import is_event_name, may_stay
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.timestamps import MILLISECONDS_FROM, is_date_time
from canvas_events_cli.validation.outline import Outline, Outlines
from canvas_events_cli.wrappers.shapes import is_event

ANNOTATION = "x-personal"
_FEWEST_DIGITS = 4
"""Of a number that may be an id, where nothing says what it is; counts and scores mostly have fewer."""

# What a wrapper tells of itself, and of the event in it.
_STATES_OF_WRAPPERS = (
    *("Type", "type", "detail-type", "DataType", "dataType", "event_name"),
    *("eventSource", "EventSource", "eventName", "eventVersion", "EventVersion", "awsRegion", "region"),
)
_TIMES_OF_WRAPPERS = ("Timestamp", "time", "event_time")
_EPOCHS_OF_WRAPPERS = (
    *("SentTimestamp", "ApproximateFirstReceiveTimestamp", "approximateArrivalTimestamp"),
    *("exp", "nbf", "iat"),
)

_DATE_TIME = re.compile(r"(\d{4}-\d\d-\d\d)([Tt])(\d\d:\d\d:)(\d\d)(.*)", re.ASCII)
_EPOCH = re.compile(r"[1-9](?:\d{9}|\d{12})(?:\.\d{1,9})?", re.ASCII)
"""Seconds or milliseconds since 1970, from 2001 to 2286: other numbers of digits are rather an id."""

Replace = Callable[[str], str]
"""Turns a text, or a JSON number as written, into what stands for it."""


@dataclass(frozen=True, slots=True)
class ScrubSpec:
    """All that decides what scrubbed events look like; picklable."""

    catalog: Catalog
    """Its schemas declare what is personal."""
    key: bytes = field(repr=False)
    keep: tuple[KeyPath, ...] = ()
    """Paths in events whose values stay, each a list of keys and indices from the event's root."""
    shift: int = 0
    """Seconds by which times are moved."""


class Place:
    """What becomes of a text or a number at one place, and, where no subclass says otherwise, of all inside."""

    def __init__(self, text: Replace | None, number: Replace | None, known: "Mapping[str, Place] | None" = None):
        """None: it stays. *known* are fields, at any depth, with places of their own."""
        self.text = text
        self.number = number
        self._known = known or {}
        self.mould: Hashable = self
        """Equal for places that do the same, but in their holes."""

    @property
    def holes(self) -> "tuple[Place, ...]":
        """The places inside that are made for one record each, in the same order for all of a mould."""
        return ()

    def child(self, name: str) -> "Place":
        """Return the place of the field *name*."""
        return self._known.get(name, self)

    def item(self, index: int) -> "Place":
        """Return the place of an array's element."""
        return self

    def declares(self, name: str) -> bool:
        """Tell whether the field *name* is known by its name, which then stays; all stay where texts do."""
        return name in self._known or self.text is None

    def overlaid(self, paths: "Mapping[KeyPath, Place]") -> "Place":
        """Return this place, inside which *paths* lead to others."""
        return _Overlaid(self, paths) if paths else self


class Hole(Place):
    """A place of a text of one record, which is read as what it holds."""

    def __init__(self, text: Replace, number: Replace | None):
        super().__init__(text, number)
        self.mould = Hole

    @property
    def holes(self) -> tuple[Place, ...]:
        """Itself; it holds no such tuple, since in a circle with it the record would stay in memory."""
        return (self,)


class _Overlaid(Place):
    def __init__(self, rest: Place, paths: Mapping[KeyPath, Place]):
        super().__init__(rest.text, rest.number)
        self.mould = (rest.mould, *((path, place.mould) for path, place in paths.items()))
        self._holes = (*rest.holes, *(hole for place in paths.values() for hole in place.holes))
        self._rest = rest
        self._inside: dict[str, dict[KeyPath, Place]] = {}
        for (first, *others), place in paths.items():
            self._inside.setdefault(first, {})[tuple(others)] = place

    @property
    def holes(self) -> tuple[Place, ...]:
        return self._holes

    def child(self, name: str) -> Place:
        return self._below(name, self._rest.child(name))

    def item(self, index: int) -> Place:
        return self._below(str(index), self._rest.item(index))

    def declares(self, name: str) -> bool:
        return name in self._inside or self._rest.declares(name)

    def _below(self, token: str, rest: Place) -> Place:
        paths = self._inside.get(token)
        return rest if paths is None else paths.get(()) or rest.overlaid(paths)


class _Described(Place):
    """A place that schemas describe, or might."""

    def __init__(self, places: "Places", outline: Outline, treatment: Place) -> None:
        super().__init__(treatment.text, treatment.number)
        self._places = places
        self._outline = outline

    def child(self, name: str) -> Place:
        return self._places.described(self._outline.child(name))

    def item(self, index: int) -> Place:
        element = self._outline.element
        return self._places.described(element) if element is not None else self._places.unknown

    def declares(self, name: str) -> bool:
        return self._outline.declares(name)


class Places:
    """Makes the places of events, from the schemas of a catalogue, and of the wrappers that they arrive in.

    The methods raise CeventsError for an ``x-personal`` that cannot be one.
    """

    def __init__(self, spec: ScrubSpec, made: Pseudonyms) -> None:
        self._catalog = catalog = spec.catalog
        self._keep = dict.fromkeys(spec.keep, Place(None, None))
        self._made = made
        self._outlines = Outlines()
        self._any_number = partial(replace_number, key=spec.key)
        self._long_number = partial(replace_number, key=spec.key, fewest=_FEWEST_DIGITS)
        # One place for each outline, and for each name that has a schema.
        self.described = cache(lambda outline: _Described(self, outline, self._treatment(outline)))
        self._canvas, self._caliper = cache(self._canvas_event), cache(self._caliper_value)

        def moved(shift: Callable[[str, int], str | None], other: Replace) -> Replace:
            return lambda text: shift(text, spec.shift) or other(text)

        self.unknown = Place(made.text, self._long_number)
        self._time = Place(moved(_shift_date_time, made.text), self._long_number)
        self._state = self._staying(may_stay(), self._long_number)
        self._event_name = self._staying(lambda text: text in catalog.bodies or is_event_name(text), self._long_number)
        self._declared = {
            "true": Place(made.text, self._any_number),
            "url": Place(made.url, self._any_number),
            "host": Place(made.host, self._any_number),
            "date": Place(moved(_shift_date, made.text), self._long_number),
        }
        epoch = Place(moved(_shift_epoch, made.text), moved(_shift_epoch, self._any_number))
        of_wrappers = {
            **dict.fromkeys(_STATES_OF_WRAPPERS, self._state),
            **dict.fromkeys(_TIMES_OF_WRAPPERS, self._time),
            **dict.fromkeys(_EPOCHS_OF_WRAPPERS, epoch),
        }
        self.wrapper = Place(made.text, self._long_number, of_wrappers)
        """Of a wrapper's own fields, at any depth."""

    def event(self, value: Json) -> Place:
        """Return the place of an event in whatever format, or of the envelope that Caliper's sensors send some in.

        Its name and its time stay, whatever the schemas declare. What is no object is nothing known.
        """
        if not isinstance(value, dict):
            return self.unknown
        if caliper.is_event(value):
            return self._caliper("event")
        if caliper.is_envelope(value):
            return self._caliper("envelope")
        name = envelope(value).get("event_name")
        place = self._canvas(name if isinstance(name, str) and name in self._catalog.bodies else None)
        is_older = not is_event(value) and "body" not in value and isinstance(value.get("metadata"), dict)
        return place.overlaid({("data",): place.child("body")}) if is_older else place

    def _canvas_event(self, name: str | None) -> Place:
        outline = self._outlines.event(self._catalog.envelope, self._catalog.body_for(name))
        place: Place = _Described(self, outline, self.unknown)
        always: dict[KeyPath, Place] = {(key, "event_name"): self._event_name for key in ENVELOPES}
        always |= {(key, "event_time"): self._time for key in ENVELOPES}
        return self._made_once(place.overlaid(always))

    def _caliper_value(self, part: str) -> Place:
        schema = self._catalog.caliper.get(part)
        place = _Described(self, self._outlines.event(schema, None), self.unknown) if schema else self.unknown
        always: dict[KeyPath, Place] = {("type",): self._state, ("action",): self._state, ("eventTime",): self._time}
        return self._made_once(place.overlaid(always if part == "event" else {}))

    def _made_once(self, place: Place) -> Place:
        kept = _Overlaid(place, self._keep)
        kept.mould = kept  # it is compared for every event
        return kept

    def _treatment(self, outline: Outline) -> Place:
        declared = outline.annotation(ANNOTATION)
        if declared is False:
            return self._harmless(outline)
        if declared is not None:
            word = "true" if declared is True else declared
            if isinstance(word, str) and word in self._declared:
                return self._declared[word]
            hint = did_you_mean(word, (*self._declared, "false")) if isinstance(word, str) else ""
            raise CeventsError(
                f"a schema declares {ANNOTATION} {declared!r}{hint or '.'} "
                "It can be true, false, 'url', 'host' or 'date'"
            )
        if outline.annotation("format") == "date-time":
            return self._time
        choices = outline.annotation("enum")
        if not isinstance(choices, list):
            choices = [choice] if (choice := outline.annotation("const")) is not None else []
        if not choices:
            return self.unknown
        return self._staying(
            choices.__contains__, lambda number: number if loads(number) in choices else self._long_number(number)
        )

    def _harmless(self, outline: Outline) -> Place:
        """Return the place of a field that is not personal: what looks like a value of such a field stays there."""
        types = outline.annotation("type")
        known = {types} if isinstance(types, str) else set(types) if isinstance(types, list) else None
        number = self._long_number if known is None else None if known & {"number", "integer"} else self._any_number
        if known is not None and "string" not in known:
            return Place(self._made.text, number)
        return self._staying(may_stay(outline.annotation("examples"), outline.annotation("description")), number)

    def _staying(self, stays: Callable[[str], bool], number: Replace | None) -> Place:
        return Place(lambda text: text if stays(text) else self._made.text(text), number)


def _shift_date_time(text: str, seconds: int) -> str | None:
    """Return the RFC 3339 *text* moved by *seconds*, spelled as it was; None where it is no such text.

    What would leave the years 1 to 9999 stays where it is.
    """
    if not is_date_time(text):
        return None
    match = _DATE_TIME.fullmatch(text) if seconds else None
    if match is None:
        return text
    day, separator, minute, second, rest = match.groups()
    # A leap second is the instant after it; Python's clock has none.
    try:
        moment = datetime.fromisoformat(f"{day}T{minute}00") + timedelta(seconds=int(second) + seconds)
    except (ValueError, OverflowError):
        return text
    return moment.isoformat(separator, "seconds") + rest


def _shift_date(text: str, seconds: int) -> str | None:
    """Return the date *text* moved by the whole days in *seconds*, rounded down; None where it is no date."""
    try:
        day = date.fromisoformat(text)
        return (day + timedelta(days=seconds // 86_400)).isoformat() if day.isoformat() == text else None
    except ValueError:
        return None
    except OverflowError:
        return text


def _shift_epoch(text: str, seconds: int) -> str | None:
    """Return *text*, seconds or milliseconds since 1970, moved by *seconds*; None where it is no such number."""
    if not _EPOCH.fullmatch(text):
        return None
    whole, point, rest = text.partition(".")
    count = int(whole)
    return f"{max(count + seconds * (1000 if count > MILLISECONDS_FROM else 1), 0)}{point}{rest}"
