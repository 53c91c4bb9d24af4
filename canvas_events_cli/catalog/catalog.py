"""What is known about events: the envelope's schema and the bodies', by event name."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from canvas_events_cli.catalog.folder import Folder, Refused, read_pipe, real_path
from canvas_events_cli.catalog.schema_file import SchemaFile, load_schema
from canvas_events_cli.errors import CeventsError, did_you_mean

_SUFFIX = ".json"
_LONGEST = 200
"""Characters of an unknown event name that are compared with known ones; hostile ones are long."""
_GONE = ("_deleted", "_destroyed", "_removed")
_STATE = "workflow_state"
_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Catalog:
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
    folder = Folder(schemas if schemas is not None else bundled_schemas(), "**/*.json")
    if not os.path.isdir(folder.root):
        raise CeventsError(f"{folder.shown}: no such folder of schemas")
    checked = schemas is not None
    named, every_body = _read_body_options(bodies)
    listed = {} if every_body else _list_bodies(folder)
    known: Mapping[str, SchemaFile] = _Listed(folder, listed, checked, dict(named))
    if checked:
        known = dict(known)
    caliper: Mapping[str, SchemaFile] = _Listed(folder, _list_caliper(folder), checked, {})
    if checked:
        caliper = dict(caliper)
    given = tuple(known if checked else named)
    return Catalog(_envelope(folder, envelope, checked), known, every_body, given, caliper, folder.root)


def bundled_schemas() -> Path:
    """Return the folder of the schemas that come with cevents: inside the wheel, or beside the package's source."""
    installed = _PACKAGE / "_schemas"
    return installed if installed.is_dir() else _PACKAGE.parent / "schemas"


def load_schema_file(path: Path) -> SchemaFile:
    """Return the schema in the file that the user names; it may refer to the files beside it and below.

    Raises CeventsError for what cannot be read or is not a usable schema.
    """
    real = real_path(path)
    # What lies beside a pipe, other open files for instance, is none of its schema's.
    beside = path if read_pipe(path) else real.parent if os.path.islink(path) else path.parent
    return load_schema(real, Folder(beside, "*.json"), shown=str(path), checked=True)


@dataclass
class _Listed(Mapping[str, SchemaFile]):
    """Schemas of a folder, each read when it is first asked for; what is in *ready* wins over the folder."""

    folder: Folder
    listed: dict[str, Path]
    checked: bool
    ready: dict[str, SchemaFile]

    def __getitem__(self, event_name: str) -> SchemaFile:
        if event_name not in self.ready:
            self.ready[event_name] = _load_inside(self.folder, self.listed[event_name], self.checked)
        return self.ready[event_name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.listed.keys() | self.ready.keys()))

    def __len__(self) -> int:
        return len(self.listed.keys() | self.ready.keys())


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


def _list_caliper(folder: Folder) -> dict[str, Path]:
    """Return the files of ``caliper``, without those that they refer to."""
    places = {name: folder.shown / "caliper" / f"{name}{_SUFFIX}" for name in ("envelope", "event")}
    return {name: place for name, place in places.items() if os.path.exists(place)}


def _envelope(folder: Folder, option: Path | None, checked: bool) -> SchemaFile:
    if option is not None:
        return load_schema_file(option)
    path = folder.shown / "envelope.json"
    if not os.path.exists(path):
        raise CeventsError(f"{folder.shown}: has no envelope.json; add one, or name another with --envelope FILE")
    return _load_inside(folder, path, checked)


def _load_inside(folder: Folder, path: Path, checked: bool) -> SchemaFile:
    try:
        real = folder.enter(folder.root / path.relative_to(folder.shown))
    except Refused as refusal:
        raise CeventsError(f"{path}: {refusal}") from refusal
    return load_schema(real, folder, shown=str(path), checked=checked)


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


def name_hint(name: str, bodies: Mapping[str, SchemaFile], *others: str) -> str:
    """Return what may be meant by *name*, as the end of a sentence: the closest of the known names, or nothing.

    Names that consumers expect and Canvas never sends are told apart: of most objects a deletion shows in the state
    that the event of their change carries. *others* are names that are known besides those in *bodies*.
    """
    instead = sent_instead(name, bodies)
    if instead is not None:
        return f"; Canvas never sends it: a deletion shows as {instead!r} with {_STATE} 'deleted'"
    return did_you_mean(name[:_LONGEST], [*bodies, *others])


def sent_instead(name: str, bodies: Mapping[str, SchemaFile]) -> str | None:
    """Return the event that Canvas sends where *name*, of an object that is gone, is none of *bodies*; else None.

    >>> from canvas_events_cli.catalog import load_catalog
    >>> sent_instead("course_deleted", load_catalog().bodies)
    'course_updated'
    """
    ending = next((ending for ending in _GONE if name.endswith(ending)), None)
    if ending is None:
        return None
    subject = name.removesuffix(ending)
    instead = f"{subject}_updated"
    if f"{subject}_deleted" in bodies or instead not in bodies:
        return None
    document = bodies[instead].document
    return instead if isinstance(document, dict) and _STATE in document.get("properties", {}) else None
