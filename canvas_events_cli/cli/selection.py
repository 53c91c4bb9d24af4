"""The options that pick events, for every command that reads some."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from canvas_events_cli.cli.options import Options, Schemas, complete_event, complete_field, option
from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import CeventsError

if TYPE_CHECKING:
    from canvas_events_cli.query.selection import Selection
    from canvas_events_cli.running.noticed import Noticed

PICK = "Which events"
_AFTER = "What becomes of them"


class Picked(Options):
    """The options that pick events, where a verdict is the command's own result."""

    where: list[str] | None = option(
        PICK,
        "--where -w 'FIELD OP VALUE'",
        "Events whose FIELD compares so with VALUE; OP is = != < <= > >= ~ !~ @. FIELD alone: present and not "
        "null; !FIELD: absent or null. Repeatable: all must hold.",
        autocompletion=complete_field,
    )
    about: list[str] | None = option(
        PICK,
        "--about KIND:ID",
        "Events that concern this object, such as course:612, assignment:2107~5110 or user:UUID, wherever its id "
        "stands: body, envelope, context, address. Repeatable: all must hold.",
    )
    any_where: bool = option(PICK, "--any", "One of the --where and --about conditions is enough.", False)
    event: list[str] | None = option(
        PICK,
        "--event -e GLOB",
        "Events whose name matches GLOB, such as 'assignment_*'; repeatable.",
        autocompletion=complete_event,
    )
    since: str | None = option(
        PICK, "--since TIME", "Events at or after TIME: ISO 8601 (UTC without an offset), or 90m, 2h, 7d ago."
    )
    until: str | None = option(PICK, "--until TIME", "Events at or before TIME.")
    invert: bool = option(PICK, "--invert-match -v", "The events that the other options leave out.", False)

    @property
    def verdict(self) -> bool | None:
        """Whether valid or invalid events are wanted; None for both."""
        return None

    def choice(self, schemas: Schemas) -> "Selection | None":
        """Return what the options ask for, None for all events. Raises CeventsError for what they cannot mean."""
        from canvas_events_cli.streaming import choose

        return choose(
            self.where or (),
            about=self.about or (),
            any=self.any_where,
            events=self.event or (),
            since=self.since,
            until=self.until,
            valid=self.verdict,
            invert=self.invert,
            spec=schemas.spec,
        )

    def say_unknown(
        self, noticed: "Noticed", schemas: Schemas, *, found: bool, empty: Sequence[tuple[str, str]] = ()
    ) -> None:
        """Tell of each name and FIELD that neither an event nor a schema has what may be meant.

        *empty* are FIELDs of other options that no event had, each after its option.

        Where nothing was *found*, and a time is asked for in which there is no event, tell which times there are.
        """
        if self.where or self.event or empty:  # else a start can do without what reads conditions
            from canvas_events_cli.query.noticing import found_nowhere

            for told in found_nowhere(self.where or (), self.event or (), noticed, lambda: schemas.catalog, empty):
                say(f"cevents: {told}")
        if not found and noticed.times and not noticed.in_time:
            from canvas_events_cli.timestamps import format_utc

            first, last = map(format_utc, noticed.times)
            asked = " ".join(
                f"{option} {time}" for option, time in (("--since", self.since), ("--until", self.until)) if time
            )
            say(f"cevents: {asked}: no event is in this time; those there are, are from {first} to {last}")


class PickedByVerdict(Picked):
    """The options that pick events, where a verdict is not the command's own result."""

    valid: bool = option(PICK, "--valid", "Events that keep to their schemas.", False)
    invalid: bool = option(PICK, "--invalid", "Events that break their schemas.", False)

    @property
    def verdict(self) -> bool | None:
        """Whether valid or invalid events are wanted; None for both. Raises CeventsError where both are named."""
        if self.valid and self.invalid:
            raise CeventsError("--valid and --invalid leave no event: give one of them")
        return True if self.valid else False if self.invalid else None


class Order(Options):
    """What becomes of the events that are picked."""

    unique: bool = option(_AFTER, "--unique", "Without redelivered copies: the first counts.", False)
    sort: str | None = option(
        _AFTER, "--sort time", "In order of event_time, whatever the offsets; the events wait in a temporary file."
    )

    @property
    def by_time(self) -> bool:
        """Whether to sort. Raises CeventsError for any other order."""
        if self.sort not in (None, "time"):
            raise CeventsError(f"--sort {self.sort}: events can be sorted by time only; write --sort time")
        return self.sort == "time"
