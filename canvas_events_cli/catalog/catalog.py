"""What is known about events: the envelope's schema and the bodies', by event name."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from canvas_events_cli.catalog.folder import Folder, Refused, read_pipe, real_path
from canvas_events_cli.catalog.references import load_schema
from canvas_events_cli.catalog.schema_file import SchemaFile
from canvas_events_cli.defaults import bundled_schemas
from canvas_events_cli.errors import CeventsError, did_you_mean

_SUFFIX = ".json"
_LONGEST = 200
"""Characters of an unknown event name that are compared with known ones; hostile ones are long."""
_GONE = ("_deleted", "_destroyed", "_removed")
_STATE = "workflow_state"


class Catalog(NamedTuple):
    """The schemas of one run; picklable."""

    envelope: SchemaFile
    bodies: Mapping[str, SchemaFile]
    """By event name. With ``every_body``, only the events that have a schema named for them."""
    every_body: SchemaFile | None
    """What ``--body FILE`` names: the schema of every body that none is named for."""
    given: tuple[str, ...]
    """Events whose body schema the user named; the other bodies are bundled and need no check."""
    caliper: Mapping[str, SchemaFile]
    """The schemas of Caliper, ``envelope`` and ``event``; a folder of schemas may do without."""
    folder: Path
    """Where the schemas are that are not named by themselves."""

    def body_for(self, event_name: str | None) -> SchemaFile | None:
        """Return the schema for the body of *event_name*, or None where nothing is known about it."""
        found = self.bodies.get(event_name) if event_name is not None else None
        return found or self.every_body

    def files(self) -> Iterator[Path]:
        """Yield the schema files in use, and all others of the folder."""
        yield from self.folder.rglob(f"*{_SUFFIX}")
        named = (self.envelope, self.every_body, *map(self.bodies.__getitem__, self.given))
        yield from (path for schema in named if schema is not None for path in schema.files)


def load_catalog(schemas: Path | None = None, envelope: Path | None = None, bodies: Sequence[str] = ()) -> Catalog:
    """Return the catalogue that the options name.

    *schemas* is a folder with ``envelope.json``, ``bodies/EVENT.json`` and, for Caliper, ``caliper/envelope.json`` and
    ``caliper/event.json``; None means the bundled one. *envelope* and *bodies* (``FILE`` or ``EVENT=FILE``) name
    schemas directly and win over the folder. Every file but the bundled ones is checked here. Raises CeventsError for
    what cannot be read or is not a usable schema.
    """
    folder = Folder(schemas or bundled_schemas(), f"**/*{_SUFFIX}", is_bundled=schemas is None)
    if not os.path.isdir(folder.root):
        raise CeventsError(f"{folder.shown}: no such folder of schemas")
    named, every_body = _read_body_options(bodies)
    known = _Listed(folder, {} if every_body else _list_bodies(folder), named)
    caliper = _Listed(folder, _existing(folder, "caliper/envelope", "caliper/event"))
    if envelope is None:
        own = _Listed(folder, _existing(folder, "envelope"))
        if not own:
            raise CeventsError(f"{folder.shown}: has no envelope.json; add one, or name another with --envelope FILE")
    return Catalog(
        envelope=load_schema_file(envelope) if envelope is not None else own["envelope"],
        bodies=known,
        every_body=every_body,
        given=tuple(named if schemas is None else known),
        caliper=caliper,
        folder=folder.root,
    )


def load_schema_file(path: Path) -> SchemaFile:
    """Return the schema in the file that the user names; it may refer to the files beside it and below.

    Raises CeventsError for what cannot be read or is not a usable schema.
    """
    real = real_path(path)
    # What lies beside a pipe, other open files for instance, is none of its schema's.
    beside = path if read_pipe(path) else real.parent if os.path.islink(path) else path.parent
    return load_schema(real, Folder(beside, f"*{_SUFFIX}"), shown=str(path))


def name_hint(name: str, bodies: Mapping[str, SchemaFile], *others: str) -> str:
    """Return what may be meant by *name*, as the end of a sentence: the closest of the known names, or nothing.

    Names that consumers expect and Canvas never sends are told apart: of most objects a deletion shows in the state
    that the event of their change carries. *others* are names that are known besides those in *bodies*.
    """
    subject = next((name.removesuffix(ending) for ending in _GONE if name.endswith(ending)), None)
    instead = f"{subject}_updated"
    if subject is not None and f"{subject}_deleted" not in bodies and instead in bodies:
        document = bodies[instead].document
        if isinstance(document, dict) and _STATE in document.get("properties", {}):
            return f"; Canvas never sends it: a deletion shows as {instead!r} with {_STATE} 'deleted'"
    return did_you_mean(name[:_LONGEST], [*bodies, *others])


class _Listed(Mapping[str, SchemaFile]):
    """Schemas of a folder by name: all read at once where they are checked, else each when it is first asked for."""

    def __init__(self, folder: Folder, places: dict[str, Path], ready: Mapping[str, SchemaFile] | None = None) -> None:
        """Take what is in *ready* rather than what the *places* in the folder hold."""
        self._folder = folder
        self._places = places
        self._ready = {**(ready or {})}
        if not folder.is_bundled:
            list(self.values())

    def __getitem__(self, name: str) -> SchemaFile:
        if name not in self._ready:
            place, folder = self._places[name], self._folder
            try:
                real = folder.enter(folder.root / place.relative_to(folder.shown))
            except Refused as refusal:
                raise CeventsError(f"{place}: {refusal}") from refusal
            self._ready[name] = load_schema(real, folder, shown=str(place))
        return self._ready[name]

    def __contains__(self, name: object) -> bool:
        return name in self._ready or name in self._places  # without reading it

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._places.keys() | self._ready.keys()))

    def __len__(self) -> int:
        return len(self._places.keys() | self._ready.keys())


def _list_bodies(folder: Folder) -> dict[str, Path]:
    """Return the files in the folder's ``bodies``, by the event name that their own names spell."""
    place = folder.shown / "bodies"
    try:
        names = os.listdir(place)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CeventsError(f"{place}: cannot be listed: {error.strerror}") from error
    return {name.removesuffix(_SUFFIX): place / name for name in names if name.endswith(_SUFFIX)}


def _existing(folder: Folder, *names: str) -> dict[str, Path]:
    """Return those of the files *names*, without their ending, that are in the folder, by the last part of the name."""
    places = [folder.shown / f"{name}{_SUFFIX}" for name in names]
    return {place.stem: place for place in places if os.path.exists(place)}


def _read_body_options(options: Sequence[str]) -> tuple[dict[str, SchemaFile], SchemaFile | None]:
    """Return the schemas of ``--body EVENT=FILE`` by event name, and the one of ``--body FILE``."""
    named: dict[str, SchemaFile] = {}
    every_body: SchemaFile | None = None
    for option in options:
        event_name, is_pair, file = option.partition("=")
        if not is_pair or os.path.exists(option):
            if every_body is not None:
                raise CeventsError(f"--body {option}: a schema for every body is already given, {every_body.path}")
            every_body = load_schema_file(Path(option))
        elif not event_name or not file:
            raise CeventsError(f"--body {option}: expected FILE or EVENT=FILE")
        elif event_name in named:
            raise CeventsError(f"--body {option}: a schema for {event_name} is already given, {named[event_name].path}")
        else:
            named[event_name] = load_schema_file(Path(file))
    return named, every_body
