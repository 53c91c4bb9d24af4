"""The options that pick events, for every command that reads some."""

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from canvas_events_cli.cli.completion import complete_event, complete_field
from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import CeventsError

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.query.about import About
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.timestamps import Instant

_PICK = "Which events"
_AFTER = "What becomes of them"

WhereOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        "-w",
        metavar="'FIELD OP VALUE'",
        help="Events whose FIELD compares so with VALUE; OP is = != < <= > >= ~ !~ @. FIELD alone: present and not "
        "null; !FIELD: absent or null. Repeatable: all must hold.",
        rich_help_panel=_PICK,
        autocompletion=complete_field,
        show_default=False,
    ),
]
AboutOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--about",
        metavar="KIND:ID",
        help="Events that concern this object, such as course:612, assignment:2107~5110 or user:UUID, wherever its id "
        "stands: body, envelope, context, address. Repeatable: all must hold.",
        rich_help_panel=_PICK,
        show_default=False,
    ),
]
AnyOption: TypeAlias = Annotated[
    bool, typer.Option("--any", help="One of the --where and --about conditions is enough.", rich_help_panel=_PICK)
]
InvertOption: TypeAlias = Annotated[
    bool,
    typer.Option("--invert-match", "-v", help="The events that the other options leave out.", rich_help_panel=_PICK),
]
EventOption: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--event",
        "-e",
        metavar="GLOB",
        help="Events whose name matches GLOB, such as 'assignment_*'; repeatable.",
        rich_help_panel=_PICK,
        autocompletion=complete_event,
        show_default=False,
    ),
]
SinceOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="TIME",
        help="Events at or after TIME: ISO 8601 (UTC without an offset), or 90m, 2h, 7d ago.",
        rich_help_panel=_PICK,
        show_default=False,
    ),
]
UntilOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--until",
        metavar="TIME",
        help="Events at or before TIME.",
        rich_help_panel=_PICK,
        show_default=False,
    ),
]
ValidOption: TypeAlias = Annotated[
    bool, typer.Option("--valid", help="Events that keep to their schemas.", rich_help_panel=_PICK)
]
InvalidOption: TypeAlias = Annotated[
    bool, typer.Option("--invalid", help="Events that break their schemas.", rich_help_panel=_PICK)
]
UniqueOption: TypeAlias = Annotated[
    bool,
    typer.Option("--unique", help="Without redelivered copies: the first counts.", rich_help_panel=_AFTER),
]


def sort_by_time(value: str | None) -> bool:
    """Read the value of ``--sort``. Raises CeventsError for anything but ``time``."""
    if value not in (None, "time"):
        raise CeventsError(f"--sort {value}: events can be sorted by time only; write --sort time")
    return value == "time"


SortOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--sort",
        metavar="time",
        help="In order of event_time, whatever the offsets; the events wait in a temporary file.",
        rich_help_panel=_AFTER,
        show_default=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Picked:
    """The options that pick events, where a verdict is the command's own result."""

    where: WhereOption = None
    about: AboutOption = None
    any_where: AnyOption = False
    event: EventOption = None
    since: SinceOption = None
    until: UntilOption = None
    invert: InvertOption = False

    @property
    def verdict(self) -> bool | None:
        """Whether valid or invalid events are wanted; None for both."""
        return None

    def selection(self, catalog: "Callable[[], Catalog]") -> "Selection | None":
        """Return what the options ask for, None for all events; *catalog* gives the schemas.

        Raises CeventsError for what they cannot mean.
        """
        if all(getattr(self, option.name) in (None, False, []) for option in fields(self)):
            return None
        from canvas_events_cli.query.expressions import parse_condition
        from canvas_events_cli.query.selection import Selection

        now = int(time.time())
        selection = Selection(
            where=tuple(map(parse_condition, self.where or ())),
            about=_objects(self.about, catalog) if self.about else (),
            any_where=self.any_where,
            event_globs=tuple(self.event or ()),
            since=_time("--since", self.since, now),
            until=_time("--until", self.until, now),
            valid=self.verdict,
            invert=self.invert,
        )
        return None if selection == Selection() else selection

    def say_unknown_names(self, catalog: "Callable[[], Catalog]") -> None:
        """Tell of each name that ``--event`` asks for, and that no schema knows, what may be meant."""
        plain = [name for name in self.event or () if not set("*?[/").intersection(name)]
        if not plain:
            return
        from canvas_events_cli.catalog.catalog import name_hint

        bodies = catalog().bodies
        for name in plain:
            if name not in bodies:
                say(f"cevents: -e {name}: no schema knows an event of this name{name_hint(name, bodies)}")


@dataclass(frozen=True, slots=True)
class PickedByVerdict(Picked):
    """The options that pick events, where a verdict is not the command's own result."""

    valid: ValidOption = False
    invalid: InvalidOption = False

    @property
    def verdict(self) -> bool | None:
        """Whether valid or invalid events are wanted; None for both. Raises CeventsError where both are named."""
        if self.valid and self.invalid:
            raise CeventsError("--valid and --invalid leave no event: give one of them")
        return True if self.valid else False if self.invalid else None


def _objects(about: list[str], catalog: "Callable[[], Catalog]") -> "tuple[About, ...]":
    from canvas_events_cli.query.about import parse_about

    return tuple(parse_about(expression, catalog) for expression in about)


def _time(option: str, text: str | None, now: int) -> "Instant | None":
    from canvas_events_cli.timestamps import parse_time

    if text is None:
        return None
    try:
        return parse_time(text, now)
    except CeventsError as error:
        raise CeventsError(f"{option}: {error}") from error
