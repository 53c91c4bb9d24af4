"""``cevents help``, and the help of every command: made from the declarations of its options."""

import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal

import typer
from typer.core import TyperCommand, TyperGroup

from canvas_events_cli import __version__
from canvas_events_cli.cli import COMMANDS
from canvas_events_cli.cli.options import OUTPUT, RARE, argument, grouped, option
from canvas_events_cli.cli.streams import Results, wants_color
from canvas_events_cli.errors import CeventsError, ExitCode, did_you_mean
from canvas_events_cli.rendering.styled import painted, plain

if TYPE_CHECKING:
    from canvas_events_cli.rendering.help import Page

_EXAMPLES = "For example:\n"
_ARGUMENTS = "Arguments"
_LEAST_WIDTH, _MOST_WIDTH = 20, 100


class _Helping:
    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help; colours are decided here and stay as they are."""
        formatter.write(_help_text(ctx))
        ctx.color = True


class Command(_Helping, TyperCommand):
    """A command whose help is laid out here."""


class Group(_Helping, TyperGroup):
    """A command of commands; without one of them, it writes its help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Take the arguments. Exits where there is none: no command was asked for."""
        if args or ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        sys.stdout.write(_help_text(ctx))
        raise typer.Exit(ExitCode.USAGE)


@grouped
def help_pages(
    context: typer.Context,
    words: list[str] | None = argument(
        "[COMMAND]…", "The command; without it, all of them.", autocompletion=lambda: list(COMMANDS)
    ),
    *,
    output_format: Literal["text", "markdown", "man"] = option(
        OUTPUT,
        "--output-format -o",
        "How to write it: to read, as a reference, or as a page for man.",
        "text",
        shown=False,
    ),
) -> int:
    """Tell what a command does, with examples and all its options.

    For example:
    cevents help filter  # what can filter do?
    cevents help -o man > cevents.1  # a page for man
    """
    found: Any = context.parent
    for word in words or ():
        found = _context_of(found, word)
    results = Results("auto")
    if output_format == "text":
        results.write_text(_help_text(found))
    else:
        from canvas_events_cli.rendering.help import manual, reference

        pages = list(_pages(found))
        results.write_text(reference(pages) if output_format == "markdown" else manual(pages, __version__))
    results.flush()
    return ExitCode.OK


def _commands(context: Any) -> dict[str, Any]:
    """Return the commands below the one that *context* is of, by name; ``help`` comes last."""
    commands = dict(getattr(context.command, "commands", {}))
    if "help" in commands:
        commands["help"] = commands.pop("help")
    return commands


def _context_of(parent: Any, word: str) -> Any:
    """Return what the command called *word* would run in. Raises CeventsError where there is none."""
    commands = _commands(parent)
    if word not in commands:
        hint = did_you_mean(word, list(commands))
        raise CeventsError(f"help: {parent.command_path} has no command {word!r}{hint}")
    return commands[word].make_context(word, [], parent=parent, resilient_parsing=True)


def _pages(context: Any) -> "Iterator[Page]":
    yield _page(context)
    for word in _commands(context):
        yield from _pages(_context_of(context, word))


def _help_text(context: Any) -> str:
    from canvas_events_cli.rendering.help import help_lines

    draw = painted if wants_color("auto", sys.stdout) else plain
    width = min(max(shutil.get_terminal_size().columns, _LEAST_WIDTH), _MOST_WIDTH)
    return "".join(f"{draw(line)}\n" for line in help_lines(_page(context), width))


def _page(context: Any) -> "Page":
    from canvas_events_cli.rendering.help import Page

    command = context.command
    summary, *paragraphs = (command.help or "").split("\n\n")
    examples = [text.removeprefix(_EXAMPLES) for text in paragraphs if text.startswith(_EXAMPLES)]
    pairs = [line.rpartition("  # ") for text in examples for line in text.splitlines()]
    sections: dict[str, list[tuple[str, str]]] = {}
    for name, each in _commands(context).items():
        sections.setdefault("Commands", []).append((name, each.help.partition("\n\n")[0].replace("\n", " ")))
    for param in command.get_params(context):
        if help_text := _told(param, context):
            panel = param.rich_help_panel or ("Options" if _commands(context) else RARE)
            sections.setdefault(_ARGUMENTS if _is_argument(param) else panel, []).append(help_text)
    taken = [param.metavar for param in command.params if _is_argument(param)]
    # Common ones first: as they are declared, but for those that are declared rare.
    ordered = sorted(sections.items(), key=lambda item: (item[0] == RARE, item[0] != _ARGUMENTS))
    return Page(
        context.command_path,
        " ".join(["[OPTIONS]", *taken, *(["COMMAND…"] if _commands(context) else [])]),
        summary.replace("\n", " "),
        [text.replace("\n", " ") for text in paragraphs if not text.startswith(_EXAMPLES)],
        [(what[:1].upper() + what[1:], line.strip()) for line, _, what in pairs],
        ordered,
        command.epilog.split("\n\n") if command.epilog else (),
    )


def _told(param: Any, context: Any) -> tuple[str, str] | None:
    """Return the names of *param* with what it takes, and what it does; None where it is hidden."""
    if param.hidden or not param.help:
        return None
    takes = param.metavar
    if not takes and not _is_argument(param) and not param.is_flag:
        takes = param.get_help_record(context)[0].split()[-1].strip("<>[]")  # the choices that there are
    names = [] if _is_argument(param) else [", ".join(sorted(param.opts, key=len))]
    default = param.show_default if isinstance(param.show_default, str) else param.default
    notes = [f"default: {default}"] if param.show_default and default is not None else []
    notes += [f"environment: {param.envvar}"] if param.envvar else []
    text = " ".join([param.help, *([f"[{'; '.join(notes)}]"] if notes else [])])
    return " ".join([*names, *([takes] if takes else [])]), text


def _is_argument(param: Any) -> bool:
    return bool(param.param_type_name == "argument")
