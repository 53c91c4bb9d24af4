"""What keys ask for: each a question, or a choice, and what becomes of the answer."""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any

from canvas_events_cli.browsing.index import Made, Row
from canvas_events_cli.browsing.screen.dialogs import Choose, Tell
from canvas_events_cli.browsing.screen.keys import help_lines
from canvas_events_cli.browsing.screen.prompt import Question
from canvas_events_cli.browsing.story import is_retry, story_lines, story_query
from canvas_events_cli.canvas_ids import local_id
from canvas_events_cli.catalog import Catalog
from canvas_events_cli.errors import CeventsError, counted
from canvas_events_cli.model import Json, Malformed, Record
from canvas_events_cli.pointers import join
from canvas_events_cli.query.about import compile_names, parse_about
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.query.suggestions import suggest_condition
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.show_table import field_text
from canvas_events_cli.timestamps import Instant, parse_time
from canvas_events_cli.wrappers import exact_event

if TYPE_CHECKING:
    from canvas_events_cli.browsing.screen.app import BrowseApp

MOST_VALUES = 2000
"""How many values one can choose from."""
_MOST_COPIED = 64 * 1024
"""Bytes that terminals take in one go."""
_FIRST = ("course", "assignment", "user", "request", "session")


def _ask_condition(app: "BrowseApp", others: tuple[str, ...], value: str = "") -> None:
    """Ask for a condition that is to hold besides *others*; an empty one takes *value* back."""

    def done(text: str) -> None:
        where = (*others, text.strip()) if text.strip() else others
        if where != app.wanted.where:
            app.want(replace(app.wanted, where=where), keep=len(where) < len(app.wanted.where))

    app.prompt.ask(
        Question(
            "and" if others else "where",
            done,
            lambda text: parse_condition(text) if text.strip() else None,
            lambda text: suggest_condition(text, *app.session.names),
            value,
        )
    )


def _ask_time(app: "BrowseApp") -> None:
    """Ask for a time, and look at the first event of the list that is not before it."""

    def check(text: str) -> Instant:
        return parse_time(text.strip(), now=int(time()))

    def done(text: str) -> None:
        app.do(_find, app, partial(app.session.first_since, since=check(text)), "no event so late")

    app.prompt.ask(Question("time", done, check))


async def _find_wrong(app: "BrowseApp", step: int) -> None:
    """Look at the next event with something wrong, or with a *step* of -1 the one before."""
    find = partial(app.session.next_wrong, place=app.event_list.cursor + step, step=step)
    otherwise = f"nothing wrong {'after' if step > 0 else 'before'} this event"
    app.event_view.wrong_row = await _find(app, find, otherwise)


async def _find(app: "BrowseApp", find: Callable[..., int | None], otherwise: str) -> int | None:
    """Look at the row of the list that *find* returns, and return it; say *otherwise* where there is none."""
    listing = app.event_list.listing
    row = await app.in_thread("looking …", lambda stop: find(listing, stop=stop))
    if row is None:
        app.tell(otherwise)
    else:
        app.event_list.go(listing.place_of(row))
    return row


async def _choose_object(app: "BrowseApp") -> None:
    """Have an object of this event chosen, and show what is about it."""
    catalog = app.session.spec.catalog
    objects = await _looked(app, lambda row: _objects_of(_event(row), catalog))
    if objects is None:
        return
    if not objects:
        app.tell("this event names no object")
        return
    place = await app.push_screen_wait(Choose("About which object?", [visible(name) for name in objects]))
    if place is not None and objects[place] not in app.wanted.about:
        app.want(replace(app.wanted, about=(*app.wanted.about, objects[place])), keep=True)


def _objects_of(record: Record, catalog: Catalog) -> list[str]:
    """Return each object that an event concerns once, as ``--about`` names it; a global id counts for its local one."""
    found: dict[tuple[str, str], str] = {}
    for kind, name in compile_names(catalog)(record):
        try:
            about = parse_about(f"{kind}:{name}", lambda: catalog)
        except CeventsError:  # a word, for instance, where an id could stand
            continue
        is_id = about.identifier.isdigit()
        key = kind, local_id(about.identifier) if is_id else about.identifier
        if len(about.identifier) > len(found.get(key, "")) - len(kind) - 1:
            found[key] = f"{about.kind}:{about.identifier}"
    order = {kind: place for place, kind in enumerate(_FIRST)}
    return sorted(found.values(), key=lambda text: (order.get(text.partition(":")[0], len(order)), text))


async def _choose_value(app: "BrowseApp") -> None:
    """Have a value of this event, or all of it, chosen, and copy that."""

    def copied(row: Row) -> list[tuple[str, str]]:
        # Of what is too long no more than tells that.
        whole, values = (row.raw, iter(())) if isinstance(row, Malformed) else (row.json, _values_of(exact_event(row)))
        event = whole[: _MOST_COPIED + 1].decode("utf-8", "replace")
        shown = [(name, text[: _MOST_COPIED + 1]) for name, text in islice(values, MOST_VALUES)]
        return [("the event, as JSON", event), *shown]

    options = await _looked(app, copied)
    if options is None:
        return
    texts = [f"{visible(name)}  {visible(text[:200])}" for name, text in options]
    place = await app.push_screen_wait(Choose("Copy what?", texts))
    if place is None:
        return
    text = options[place][1].encode("utf-8", "replace").decode()
    if len(text.encode()) > _MOST_COPIED:
        app.tell("too long for the clipboard of a terminal: w writes events to a file", is_wrong=True)
    else:
        app.copy_to_clipboard(text)
        app.tell(f"copied: {counted(len(text), 'character')}")


def _values_of(event: Json) -> Iterator[tuple[str, str]]:
    """Yield each value of an event that holds no others: its pointer, and its text."""
    pending = [("", event)]
    while pending:
        here, value = pending.pop()
        if isinstance(value, dict | list) and value:
            items: Iterable[tuple[object, Json]] = value.items() if isinstance(value, dict) else enumerate(value)
            pending += reversed([(join(here, str(key)), inner) for key, inner in items])
        elif value is not None:
            yield here, field_text(value)


async def _tell_story(app: "BrowseApp") -> None:
    """Show what happened to the assignment of this retry, and how each of its retries ended."""
    record = await _looked(app, _event)
    if record is None:
        return
    if not is_retry(record.value):
        app.tell("this event is no retry of an alignment clone", is_wrong=True)
        return
    session = app.session
    listing = await app.in_thread("looking for its story …", partial(session.find, story_query(record)))

    def lines(_: object) -> list[str]:
        rows = [session.index.row(listing[place]) for place in range(len(listing))]
        found = [row for row in rows if isinstance(row, Record)]
        return story_lines(record, found, session.index.latest, app.lines.form.tz)

    story = await app.in_thread("looking …", lines)
    app.push_screen(Tell("The story of this retry", lambda width: story))


def _ask_path(app: "BrowseApp") -> None:
    """Ask where to write the events of the list."""
    if not app.session.listing.is_done:
        app.tell("the list is not complete yet: wait, or press Esc")
        return

    async def write(path: Path) -> None:
        try:
            written, malformed = await app.in_thread("writing …", partial(app.session.write, path))
        except CeventsError as error:
            app.tell(" ".join(map(str, error.args)), is_wrong=True)
            return
        left_out = f", {counted(malformed, 'malformed record')} left out" if malformed else ""
        app.tell(f"{path}: {counted(written, 'event')} written{left_out}")

    def done(text: str) -> None:
        if not text.strip():
            raise CeventsError("name a file")
        app.do(write, Path(os.path.expanduser(text.strip())), group="write")

    app.prompt.ask(Question(f"write {len(app.session.listing):,} to", done))


async def _looked(app: "BrowseApp", form: Callable[[Row], Made]) -> Made | None:
    """Return what *form* makes of the event that is looked at; None where there is none, which is told."""
    number = app.event_list.row
    try:
        if number is None:
            raise CeventsError("there is no event")
        return await app.in_thread("reading …", lambda _: app.session.index.look(number, form))
    except CeventsError as error:
        app.tell(str(error), is_wrong=True)
        return None


def _event(row: Row) -> Record:
    if isinstance(row, Malformed):
        raise CeventsError("this record is no event")
    return row


ASKED: dict[str, Callable[["BrowseApp"], Any]] = {
    "condition": lambda app: _ask_condition(app, app.wanted.where[:-1], *app.wanted.where[-1:]),
    "further": lambda app: _ask_condition(app, app.wanted.where),
    "time": _ask_time,
    "wrong": partial(_find_wrong, step=1),
    "wrong before": partial(_find_wrong, step=-1),
    "write": _ask_path,
    "about": _choose_object,
    "copy": _choose_value,
    "story": _tell_story,
    "keys": lambda app: app.push_screen(Tell("Keys", help_lines)),
}
"""What the keys ask for that are bound to ``ask``; what takes a while goes on beside others."""
