"""What becomes of each place in an event: read from its schemas, where ``x-personal`` declares it.

The annotation nearest to a field counts. Where there is none, on undocumented fields too, texts are personal, and so
are numbers of four digits or more; times (``format: date-time``) and the choices of an ``enum`` or ``const`` are not.
The schema speaks of the field: a value stays only where it looks like one of that field (see ``harmless``).
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial

from canvas_events_cli.catalog import Catalog
from canvas_events_cli.errors import CeventsError, did_you_mean
from canvas_events_cli.parse import loads
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.scrubbing.digits import replace_number
from canvas_events_cli.scrubbing.harmless import Harmless, is_event_name
from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.scrubbing.shifted import shift_date, shift_date_time
from canvas_events_cli.scrubbing.urls import replace_url
from canvas_events_cli.validation.outline import Outline, Outlines

ANNOTATION = "x-personal"
_FEWEST_DIGITS = 4
"""Of a number that may be an id, where nothing says what it is; counts and scores mostly have fewer."""

Replace = Callable[[str], str]
"""Turns a text, or a JSON number as written, into what stands for it."""


class Place:
    """What becomes of a text or a number at one place, and, where no subclass says otherwise, of all inside."""

    def __init__(self, text: Replace | None, number: Replace | None) -> None:
        """None: it stays."""
        self.text = text
        self.number = number

    def child(self, name: str) -> "Place":
        """Return the place of the field *name*."""
        return self

    def item(self, index: int) -> "Place":
        """Return the place of an array's element."""
        return self

    def declares(self, name: str) -> bool:
        """Tell whether the field *name* is known by its name, which then stays."""
        return False


class Untouched(Place):
    """A place where everything stays."""

    def __init__(self) -> None:
        super().__init__(None, None)

    def declares(self, name: str) -> bool:
        """Return True: names stay too."""
        return True


class Overlaid(Place):
    """A place of which some fields have places of their own."""

    def __init__(self, rest: Place, fields: Mapping[str, Place]) -> None:
        super().__init__(rest.text, rest.number)
        self._rest = rest
        self._fields = fields

    def child(self, name: str) -> Place:
        """Return the field's own place, else that which it has anyway."""
        return self._fields.get(name) or self._rest.child(name)

    def item(self, index: int) -> Place:
        """Return the place that the element has anyway."""
        return self._rest.item(index)

    def declares(self, name: str) -> bool:
        """Tell whether either knows the name."""
        return name in self._fields or self._rest.declares(name)


class Keeping(Place):
    """A place in which the user keeps what some paths lead to."""

    def __init__(self, rest: Place, paths: Collection[Sequence[str]]) -> None:
        super().__init__(rest.text, rest.number)
        self._rest = rest
        self._paths = paths

    def child(self, name: str) -> Place:
        """Return the field's place, untouched where a path ends."""
        return self._inside(name, self._rest.child(name))

    def item(self, index: int) -> Place:
        """Return the element's place, untouched where a path ends."""
        return self._inside(str(index), self._rest.item(index))

    def declares(self, name: str) -> bool:
        """Tell whether the name is known, or on a path."""
        return any(path[0] == name for path in self._paths) or self._rest.declares(name)

    def _inside(self, token: str, place: Place) -> Place:
        paths = [path[1:] for path in self._paths if path[0] == token]
        if not paths:
            return place
        return Keeping(place, paths) if all(paths) else Untouched()


class Places:
    """Makes the places of events, from the schemas of a catalogue."""

    def __init__(
        self, catalog: Catalog, made: Pseudonyms, key: bytes, shift: int, keep: Collection[Sequence[str]]
    ) -> None:
        """*shift* is in seconds; *keep* are paths, from the event's root, whose values stay."""
        self._catalog = catalog
        self._keep = keep
        self._made = made
        self._shapes = Outlines()
        self._events: dict[str | None, Place] = {}
        self._caliper: dict[str, Place] = {}
        self._described: dict[int, Place] = {}
        self.any_number: Replace = partial(replace_number, key=key)
        self._long_number: Replace = partial(replace_number, key=key, fewest=_FEWEST_DIGITS)
        self.unknown = Place(made.text, self._long_number)
        self.state = self._staying(Harmless((), None), self._long_number)
        """Of what is a state, a kind or a role, where no schema says more."""
        self._event_name = self._staying(lambda text: text in catalog.bodies or is_event_name(text), self._long_number)
        self.time = Place(self._or_text(partial(shift_date_time, seconds=shift)), self._long_number)
        self._declared = {
            "true": Place(made.text, self.any_number),
            "url": Place(partial(replace_url, made=made), self.any_number),
            "host": Place(made.host, self.any_number),
            "date": Place(self._or_text(partial(shift_date, seconds=shift)), self._long_number),
        }

    def event(self, name: str | None) -> Place:
        """Return the place of a whole event. Its name and its time stay, whatever the envelope's schema declares.

        Raises CeventsError for an ``x-personal`` that cannot be one.
        """
        known = name if name in self._catalog.bodies else None
        if known not in self._events:
            shape = self._shapes.event(self._catalog.envelope, self._catalog.body_for(known))
            place = _Described(self, shape, self.unknown)
            always = {"event_name": self._event_name, "event_time": self.time}
            envelopes = {key: Overlaid(place.child(key), always) for key in ENVELOPES}
            whole = Overlaid(place, envelopes)
            self._events[known] = Keeping(whole, self._keep) if self._keep else whole
        return self._events[known]

    def caliper(self, part: str) -> Place:
        """Return the place of a Caliper event, or of an envelope, as *part* says: ``event`` or ``envelope``.

        What the event is called and its time stay. Raises CeventsError for an ``x-personal`` that cannot be one.
        """
        if part not in self._caliper:
            schema = self._catalog.caliper.get(part)
            place = _Described(self, self._shapes.event(schema, None), self.unknown) if schema else self.unknown
            always = {**dict.fromkeys(("type", "action"), self.state), "eventTime": self.time}
            whole = Overlaid(place, always) if part == "event" else place
            self._caliper[part] = Keeping(whole, self._keep) if self._keep else whole
        return self._caliper[part]

    def of(self, shape: Outline) -> Place:
        """Return the place of a value of *shape*, which comes from :meth:`Outlines.together`."""
        if id(shape) not in self._described:
            self._described[id(shape)] = _Described(self, shape, self._treatment(shape))
        return self._described[id(shape)]

    def _treatment(self, shape: Outline) -> Place:
        declared = shape.annotation(ANNOTATION)
        if declared is not None:
            return self._unless_odd(shape) if declared is False else self._by_annotation(declared)
        if shape.annotation("format") == "date-time":
            return self.time
        choices = shape.annotation("enum")
        if not isinstance(choices, list):
            choices = [choice] if (choice := shape.annotation("const")) is not None else []
        return self._choice(choices) if choices else self.unknown

    def _by_annotation(self, declared: object) -> Place:
        word = str(declared).lower() if isinstance(declared, bool) else declared
        if isinstance(word, str) and word in self._declared:
            return self._declared[word]
        hint = did_you_mean(word, (*self._declared, "false")) if isinstance(word, str) else ""
        raise CeventsError(
            f"a schema declares {ANNOTATION} {declared!r}{hint or '.'} It can be true, false, 'url', 'host' or 'date'"
        )

    def _unless_odd(self, shape: Outline) -> Place:
        """Return the place of a field that is not personal: what looks like a value of such a field stays there."""
        types = shape.annotation("type")
        known = {types} if isinstance(types, str) else set(types) if isinstance(types, list) else None
        examples = shape.annotation("examples")
        is_harmless = Harmless(examples if isinstance(examples, list) else (), shape.annotation("description"))
        number = self._long_number if known is None else None if known & {"number", "integer"} else self.any_number
        if known is not None and "string" not in known:
            return Place(self._made.text, number)
        return self._staying(is_harmless, number)

    def _staying(self, may_stay: Callable[[str], bool], number: Replace | None) -> Place:
        """Return a place where the texts stay that *may_stay*."""
        return Place(lambda text: text if may_stay(text) else self._made.text(text), number)

    def _choice(self, choices: Collection[object]) -> Place:
        """Return a place where *choices* stay."""
        return self._staying(
            choices.__contains__, lambda number: number if loads(number) in choices else self._long_number(number)
        )

    def _or_text(self, moved: Callable[[str], str | None]) -> Replace:
        """Return what moves times; what is none is a text like any other."""

        def replace(text: str) -> str:
            found = moved(text)
            return self._made.text(text) if found is None else found

        return replace


class _Described(Place):
    """A place that schemas describe, or might."""

    def __init__(self, places: Places, shape: Outline, treatment: Place) -> None:
        super().__init__(treatment.text, treatment.number)
        self._places = places
        self._shape = shape
        self._known: dict[str, Place] = {}

    def child(self, name: str) -> Place:
        found = self._known.get(name)
        if found is None:
            found = self._places.of(self._shape.child(name))
            # Events can hold any number of other names.
            if name in self._shape.names:
                self._known[name] = found
        return found

    def item(self, index: int) -> Place:
        element = self._shape.element
        return self._places.of(element) if element is not None else self._places.unknown

    def declares(self, name: str) -> bool:
        return self._shape.declares(name)
