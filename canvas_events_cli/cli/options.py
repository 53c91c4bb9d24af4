"""Options that several commands share, declared once so that they mean the same everywhere; what completes them.

Options that belong together are a group: a class whose attributes are options. A command that is ``grouped`` has one
parameter for each group, whose methods make of it what the library takes.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from canvas_events_cli.cli.configuration import configure, need_nothing, show, with_opposite, with_origin
from canvas_events_cli.cli.streams import Color, say
from canvas_events_cli.defaults import DEFAULT_ENGINE, DEFAULT_MAX_RECORD_BYTES, Engine
from canvas_events_cli.errors import CeventsError, ExitCode
from canvas_events_cli.outputs import InputFile

if TYPE_CHECKING:
    from canvas_events_cli.catalog import Catalog
    from canvas_events_cli.running.reading import ReadOptions
    from canvas_events_cli.sources.source import Source, SourceError
    from canvas_events_cli.validation import ValidationSpec

INPUT = "Input"
SCHEMAS = "Schemas"
OUTPUT = "Output"
RARE = "Rarely needed"
"""Comes last in the help."""


def option(
    panel: str, spelled: str, text: str, default: Any = None, *, shown: str | bool | None = None, **more: Any
) -> Any:
    """Declare an option as it is *spelled* on the command line: ``--limit -n N``.

    The help tells its default where it has one and is no flag; or *shown* in place of it.
    """
    names = with_opposite([word for word in spelled.split() if word.startswith("-")])
    metavar = " ".join(word for word in spelled.split() if not word.startswith("-")) or None
    told = shown if shown is not None else default not in (None, False)
    return typer.Option(default, *names, metavar=metavar, help=text, rich_help_panel=panel, show_default=told, **more)


def argument(metavar: str, text: str, default: Any = None, **more: Any) -> Any:
    """Declare an argument, which is called *metavar*; one whose *default* is ``...`` has to be given."""
    return typer.Argument(default, metavar=metavar, help=text, show_default=False, **more)


class Options:
    """A group of options; no dataclass, since every start makes all of them."""

    def __init__(self, **values: Any) -> None:
        self.__dict__.update(values)

    @classmethod
    def options(cls) -> list[Parameter]:
        """Return the parameters that the attributes are, those of the classes above first."""
        return [
            Parameter(name, Parameter.KEYWORD_ONLY, annotation=kind, default=getattr(cls, name))
            for each in reversed(cls.__mro__)
            for name, kind in getattr(each, "__annotations__", {}).items()
        ]


class _Configuration(Options):
    no_config: bool = option(
        RARE,
        "--no-config",
        "Read no cevents.toml or pyproject.toml. For one flag that such a file sets: --no-FLAG.",
        False,
        callback=configure,
        is_eager=True,
    )
    show_config: bool = option(
        RARE,
        "--show-config",
        "Write what is in force, as TOML with where it comes from, and do nothing else.",
        False,
        callback=need_nothing,
        is_eager=True,
    )


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """Return *command* with the options of a group in the place of each parameter that is annotated with one.

    Those about the configuration file come last. A command that takes ``context`` gets Typer's.
    """
    own = signature(command)
    groups: dict[str, Any] = {
        name: each.annotation
        for name, each in own.parameters.items()
        if isinstance(each.annotation, type) and issubclass(each.annotation, Options)
    }
    options: list[Parameter] = []
    for name, parameter in own.parameters.items():
        if name != "context":
            options += groups[name].options() if name in groups else [parameter]
    context = Parameter("context", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    options += context, *_Configuration.options()

    @wraps(command)
    def run(context: typer.Context, no_config: bool, show_config: bool, **arguments: Any) -> int:
        if show_config:
            show(context)
            return ExitCode.OK
        if "context" in own.parameters:
            arguments["context"] = context
        for name, group in groups.items():
            arguments[name] = group(**{option.name: arguments.pop(option.name) for option in group.options()})
        try:
            return command(**arguments)
        except CeventsError as error:
            raise with_origin(error, context) from error

    named = [option.replace(kind=Parameter.KEYWORD_ONLY) for option in options]
    # Typer reads both.
    run.__signature__ = own.replace(parameters=named)  # type: ignore[attr-defined]
    run.__annotations__ = {option.name: option.annotation for option in named} | {"return": int}
    return run


class Sources(Options):
    """What a command reads."""

    sources: list[str] | None = argument(
        "[SOURCE]…", "Files, directories, quoted globs, URLs, or - for standard input (the default when it is piped)."
    )
    max_record_bytes: int = option(
        RARE, "--max-record-bytes N", "A longer record is malformed, and not held.", DEFAULT_MAX_RECORD_BYTES, min=1
    )

    @property
    def is_stdin(self) -> bool:
        """Whether standard input is all that is read."""
        return self.sources in (None, [], ["-"])

    @property
    def is_one(self) -> bool:
        """Whether all that is read is sure to be one source."""
        return self.is_stdin or (len(self.sources or ()) == 1 and os.path.isfile(*self.sources or ()))

    def located(self, *, quiet: bool) -> "Iterable[Source | SourceError]":
        """Return the sources; standard input where none is named and it is piped.

        What folders hold beside events is told when all sources have been taken, unless the user wants *quiet*. Raises
        CeventsError where none is named and standard input is a terminal or closed: never a silent wait.
        """
        if not self.sources and (sys.stdin is None or sys.stdin.isatty()):
            raise CeventsError("no SOURCE given: name a file, a directory or a quoted glob, or pipe events in")
        from canvas_events_cli.streaming import find_sources, reads_as_condition

        for source in self.sources or ():
            if not os.path.lexists(source) and "/" not in source and reads_as_condition(source):
                import shlex

                raise CeventsError(f"{source}: no such file; a condition comes with --where: -w {shlex.quote(source)}")
        return find_sources(self.sources or ["-"], lambda told: None if quiet else say(f"cevents: {told}"))

    def reading(self) -> "ReadOptions":
        """Return how the sources are to be read."""
        from canvas_events_cli.running.reading import ReadOptions

        return ReadOptions(self.max_record_bytes)


class Input(Sources):
    """What a command reads, where events are taken out of what they arrived in."""

    no_unwrap: bool = option(
        RARE,
        "--no-unwrap",
        "Take records as they are: do not look for events inside queue messages, notifications, rows or tokens.",
        False,
    )
    jwks: Path | None = option(
        INPUT,
        "--jwks FILE",
        "Verify signed tokens with the keys in FILE (a JWK set); without it they are read unverified.",
    )

    def reading(self) -> "ReadOptions":
        """Return how the sources are to be read. Raises CeventsError for a file that holds no keys."""
        options = super().reading()._replace(unwrap=not self.no_unwrap)
        if self.jwks:
            from canvas_events_cli.wrappers.keys import load_keys

            options = options._replace(keys=load_keys(self.jwks))
        return options

    def files(self) -> "Iterator[InputFile]":
        """Yield the files that are read besides."""
        if self.jwks:
            yield InputFile(f"the keys {self.jwks}", self.jwks)


class Jobs(Options):
    """How many processes read."""

    jobs: int | None = option(
        INPUT,
        "--jobs -j N",
        "Processes that read large files; 1 starts none. The answer is always the same.",
        min=1,
        shown="the cores available",
    )


class Running(Jobs):
    """Who reads."""

    cluster: str | None = option(
        RARE,
        "--cluster ADDRESS",
        "Have the workers of a Dask scheduler read, such as tcp://scheduler:8786; they must reach the sources.",
    )


LIMIT = option(OUTPUT, "--limit -n --max-count -m N", "Write N events at most.", min=0)
"""How many events a command writes; of scrub, which leaves them in what they arrived in, how many records."""

SCHEMAS_OPTION = option(
    SCHEMAS,
    "--schemas DIR",
    "Use DIR's envelope.json and bodies/EVENT.json instead of the bundled schemas.",
    envvar="CEVENTS_SCHEMAS",
)


class Schemas(Options):
    """Which schemas are in use, and what validates."""

    schemas: Path | None = SCHEMAS_OPTION
    envelope: Path | None = option(RARE, "--envelope FILE", "Use this envelope schema.")
    body: list[str] | None = option(
        RARE, "--body [EVENT=]FILE", "Use this body schema for every event, or for EVENT; repeatable."
    )
    engine: Engine | None = option(
        RARE,
        "--engine",
        "The validation engine: the fast one in Rust, or the reference in Python.",
        shown=DEFAULT_ENGINE,
    )

    @cached_property
    def catalog(self) -> "Catalog":
        """What the schemas say. Raises CeventsError for one that cannot be used."""
        from canvas_events_cli.catalog import load_catalog

        return load_catalog(self.schemas, self.envelope, self.body or ())

    def spec(self, *, strict: bool = False, show_values: bool = False) -> "ValidationSpec":
        """Return what to validate against, and how. Raises CeventsError for a schema that cannot be used."""
        from canvas_events_cli.streaming import validation_spec

        return validation_spec(self.catalog, engine=self.engine, strict=strict, show_values=show_values)

    def files(self) -> "Iterator[InputFile]":
        """Yield the schema files."""
        yield from (InputFile(f"the schema {path}", path) for path in self.catalog.files())


QUIET = option(OUTPUT, "--quiet -q", "Write results and errors only: no closing line, notes or warnings.", False)
COLOR = option(RARE, "--color", "When to colour output.", "auto")


class Output(Options):
    """What is told beside results, and how these look."""

    quiet: bool = QUIET
    color: Color = COLOR


def complete_event(incomplete: str) -> list[str]:
    """Return the known event names that begin with *incomplete*."""
    from canvas_events_cli.catalog import load_catalog

    return [name for name in sorted(load_catalog().bodies) if name.startswith(incomplete)]


def complete_explained(ctx: typer.Context, incomplete: str) -> list[str]:
    """Return what begins with *incomplete*: keywords and events, or after an event the pointers of its fields."""
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.catalog.fields import fields_of
    from canvas_events_cli.schema.listing import ENVELOPE_NAME
    from canvas_events_cli.validation.explanations import EXPLANATIONS

    words = ctx.params.get("words") or ()
    if not words:
        return [word for word in (*EXPLANATIONS, ENVELOPE_NAME) if word.startswith(incomplete)] + complete_event(
            incomplete
        )
    catalog = load_catalog()
    fields = fields_of(catalog.envelope)
    if words[0] in catalog.bodies:
        fields += fields_of(catalog.bodies[words[0]], ("body",))
    return [field.pointer for field in fields if field.path and field.pointer.startswith(incomplete)]


def complete_field(incomplete: str) -> list[str]:
    """Return the known fields that begin as *incomplete* ends, as ``query.suggestions`` has them."""
    from canvas_events_cli.catalog import load_catalog
    from canvas_events_cli.catalog.fields import documented_names
    from canvas_events_cli.query.suggestions import suggest_fields

    return suggest_fields(incomplete, sorted(set(documented_names(load_catalog()))))
