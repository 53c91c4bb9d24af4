"""What keys ask for: each a question, or a choice, and what becomes of the answer."""

import os
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from time import time
from typing import TYPE_CHECKING

from canvas_events_cli.browsing.choices import objects_of, values_of
from canvas_events_cli.browsing.index import Made, Row
from canvas_events_cli.browsing.screen.dialogs import Choose, Tell
from canvas_events_cli.browsing.screen.keys import help_lines
from canvas_events_cli.browsing.screen.prompt import Question
from canvas_events_cli.browsing.story import is_retry, story_lines, story_query
from canvas_events_cli.errors import CeventsError, counted
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.query.about import compile_names
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.suggestions import suggest_condition
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.timestamps import Instant, parse_time

if TYPE_CHECKING:
    from canvas_events_cli.browsing.screen.app import BrowseApp

_MOST_COPIED = 64 * 1024
"""Bytes that terminals take in one go."""
_EVENT = "the event, as JSON"


def _ask_condition(app: "BrowseApp", others: tuple[str, ...], value: str = "") -> None:
    """Ask for a condition that is to hold besides *others*; an empty one takes *value* back."""
    session = app.session

    def done(text: str) -> None:
        where = (*others, text.strip()) if text.strip() else others
        if where != app.wanted.where:
            app.want(replace(app.wanted, where=where), keep=len(where) < len(app.wanted.where))

    def check(text: str) -> None:
        if text.strip():
            parse_condition(text)

    app.prompt.ask(
        Question(
            "where" if not others else "and",
            done,
            check,
            lambda text: suggest_condition(text, *session.names),
            value,
        )
    )


def _ask_time(app: "BrowseApp") -> None:
    """Ask for a time, and look at the first event of the list that is not before it."""

    def check(text: str) -> Instant:
        return parse_time(text.strip(), now=int(time()))

    app.prompt.ask(Question("time", lambda text: app.do(partial(_find_time, app, check(text))), check))


async def _find_time(app: "BrowseApp", since: Instant, stop: threading.Event) -> None:
    listing = app.event_list.listing
    found = await app.in_thread(stop, "looking …", app.session.first_since, listing, since, stop)
    _go(app, found, "no event so late")


async def find_wrong(app: "BrowseApp", step: int, stop: threading.Event) -> None:
    """Look at the next event with something wrong, or with a *step* of -1 the one before."""
    listing, place = app.event_list.listing, app.event_list.cursor + step
    found = await app.in_thread(stop, "looking …", app.session.next_wrong, listing, place, step, stop)
    app.event_view.wrong_row = found
    _go(app, found, f"nothing wrong {'after' if step > 0 else 'before'} this event")


def _go(app: "BrowseApp", row: int | None, otherwise: str) -> None:
    if row is None:
        app.tell(otherwise)
    else:
        app.event_list.go(app.event_list.listing.place_of(row))


async def _choose_object(app: "BrowseApp", stop: threading.Event) -> None:
    """Have an object of this event chosen, and show what is about it."""
    catalog = app.session.task.spec.catalog
    objects = await _looked(app, stop, lambda row: objects_of(_event(row), compile_names(catalog), catalog))
    if objects is None:
        return
    if not objects:
        app.tell("this event names no object")
        return
    app.push_screen(
        Choose("About which object?", [visible(name) for name in objects]),
        lambda place: _want_about(app, objects[place]) if place is not None else None,
    )


def _want_about(app: "BrowseApp", name: str) -> None:
    if name not in app.wanted.about:
        app.want(replace(app.wanted, about=(*app.wanted.about, name)), keep=True)


async def _choose_value(app: "BrowseApp", stop: threading.Event) -> None:
    """Have a value of this event, or all of it, chosen, and copy that."""
    options = await _looked(app, stop, _copied)
    if options is None:
        return

    def copy(place: int | None) -> None:
        if place is None:
            return
        text = options[place][1].encode("utf-8", "replace").decode()
        if len(text.encode()) > _MOST_COPIED:
            app.tell("too long for the clipboard of a terminal: w writes events to a file", is_wrong=True)
        else:
            app.copy_to_clipboard(text)
            app.tell(f"copied: {counted(len(text), 'character')}")

    app.push_screen(Choose("Copy what?", [f"{visible(name)}  {visible(text[:200])}" for name, text in options]), copy)


def _copied(row: Row) -> list[tuple[str, str]]:
    """Return the event and its values with their names, of what is too long no more than tells that."""
    whole = row.raw if isinstance(row, Malformed) else row.json
    values = [] if isinstance(row, Malformed) else values_of(row)
    event = whole[: _MOST_COPIED + 1].decode("utf-8", "replace")
    return [(_EVENT, event), *[(name, text[: _MOST_COPIED + 1]) for name, text in values]]


async def _tell_story(app: "BrowseApp", stop: threading.Event) -> None:
    """Show what happened to the assignment of this retry, and how each of its retries ended."""
    record = await _looked(app, stop, _retry)
    if record is None:
        return
    session = app.session
    listing = await app.in_thread(stop, "looking for its story …", session.find, story_query(record), stop)

    def lines() -> list[str]:
        rows = [session.index.row(listing[place]) for place in range(len(listing))]
        found = [row for row in rows if isinstance(row, Record)]
        return story_lines(record, found, session.index.latest, app.lines.form.tz)

    story = await app.in_thread(stop, "looking …", lines)
    app.push_screen(Tell("The story of this retry", lambda width: story))


def _ask_path(app: "BrowseApp") -> None:
    """Ask where to write the events of the list."""
    if not app.session.listing.is_done:
        app.tell("the list is not complete yet: wait, or press Esc")
        return

    def done(text: str) -> None:
        if not text.strip():
            raise CeventsError("name a file")
        app.do(partial(_write, app, Path(os.path.expanduser(text.strip()))), "write")

    app.prompt.ask(Question(f"write {len(app.session.listing):,} to", done))


async def _write(app: "BrowseApp", path: Path, stop: threading.Event) -> None:
    try:
        written, malformed = await app.in_thread(stop, "writing …", app.session.write, path, stop)
    except CeventsError as error:
        app.tell(" ".join(map(str, error.args)), is_wrong=True)
        return
    left_out = f", {counted(malformed, 'malformed record')} left out" if malformed else ""
    app.tell(f"{path}: {counted(written, 'event')} written{left_out}")


async def _looked(app: "BrowseApp", stop: threading.Event, form: Callable[[Row], Made]) -> Made | None:
    """Return what *form* makes of the event that is looked at; None where there is none, which is told."""
    number = app.event_list.row
    try:
        if number is None:
            raise CeventsError("there is no event")
        return await app.in_thread(stop, "reading …", app.session.index.look, number, form)
    except CeventsError as error:
        app.tell(str(error), is_wrong=True)
        return None


def _event(row: Row) -> Record:
    if isinstance(row, Malformed):
        raise CeventsError("this record is no event")
    return row


def _retry(row: Row) -> Record:
    if not is_retry(_event(row).value):
        raise CeventsError("this event is no retry of an alignment clone")
    return _event(row)


ASKED: dict[str, Callable[["BrowseApp"], object]] = {
    "condition": lambda app: _ask_condition(app, app.wanted.where[:-1], *app.wanted.where[-1:]),
    "further": lambda app: _ask_condition(app, app.wanted.where),
    "time": _ask_time,
    "write": _ask_path,
    "about": lambda app: app.do(partial(_choose_object, app)),
    "copy": lambda app: app.do(partial(_choose_value, app)),
    "story": lambda app: app.do(partial(_tell_story, app)),
    "keys": lambda app: app.push_screen(Tell("Keys", help_lines)),
}
"""What the keys ask for that are bound to ``ask``."""
