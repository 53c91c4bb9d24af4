"""The options that pick events, which ``filter`` and ``show`` share."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from canvas_events_cli.cli.completion import complete_event, complete_field
from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import CeventsError

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
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


def selection(
    where: Sequence[str] | None,
    about: Sequence[str] | None,
    any_where: bool,
    events: Sequence[str] | None,
    since: str | None,
    until: str | None,
    valid: bool,
    invalid: bool,
    invert: bool,
    catalog: "Callable[[], Catalog]",
) -> "Selection":
    """Return what the options ask for; *catalog* gives the schemas. Raises CeventsError for what they cannot mean."""
    from canvas_events_cli.query.about import parse_about
    from canvas_events_cli.query.expressions import parse_condition
    from canvas_events_cli.query.selection import Selection

    if valid and invalid:
        raise CeventsError("--valid and --invalid leave no event: give one of them")
    now = int(time.time())
    return Selection(
        where=tuple(map(parse_condition, where or ())),
        about=tuple(parse_about(expression, catalog) for expression in about or ()),
        any_where=any_where,
        event_globs=tuple(events or ()),
        since=_time("--since", since, now),
        until=_time("--until", until, now),
        valid=True if valid else False if invalid else None,
        invert=invert,
    )


def say_unknown_names(events: Sequence[str] | None, catalog: "Callable[[], Catalog]") -> None:
    """Tell of each name that ``--event`` asks for, and that no schema knows, what may be meant."""
    from canvas_events_cli.catalog.event_names import name_hint

    plain = [name for name in events or () if not set("*?[/").intersection(name)]
    bodies = catalog().bodies if plain else {}
    for name in plain:
        if name not in bodies:
            say(f"cevents: -e {name}: no schema knows an event of this name{name_hint(name, bodies)}")


def _time(option: str, text: str | None, now: int) -> "Instant | None":
    from canvas_events_cli.timestamps import parse_time

    if text is None:
        return None
    try:
        return parse_time(text, now)
    except CeventsError as error:
        raise CeventsError(f"{option}: {error}") from error
