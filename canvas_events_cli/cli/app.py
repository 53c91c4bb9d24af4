"""The command's entry point, and the one error boundary: expected error, interrupt and bug leave by different codes."""

import sys
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from importlib import import_module

import typer
from typer import TyperException

from canvas_events_cli import __version__
from canvas_events_cli.cli import COMMANDS
from canvas_events_cli.cli.help import Command, Group
from canvas_events_cli.cli.interrupts import Interrupts
from canvas_events_cli.cli.streams import errors_if_possible, output_in_whole, say
from canvas_events_cli.cli.usage import say_usage
from canvas_events_cli.errors import CeventsError, ClosedPipe, ExitCode, refusal
from canvas_events_cli.outputs import discard_all, told_as

_INSTALL = "--install-completion"
_CLOSING = """\
Exits 0 when all is well; 1 when something was found (by drift only with --exit-code), or nothing by filter; 2 for a \
wrong option, an unreadable source or nothing to work on; 3 for a bug of its own; 130 after an interrupt.

Colours go to terminals; NO_COLOR, FORCE_COLOR and CLICOLOR_FORCE in the environment say otherwise. What options can \
say once for a project goes into cevents.toml, or [tool.cevents] of pyproject.toml.

'cevents help COMMAND' tells more of each."""


def _app(arguments: Sequence[str]) -> typer.Typer:
    """Return the application for *arguments*: of the commands, only the one that they name is imported."""
    app = typer.Typer(
        name="cevents",
        cls=Group,
        epilog=_CLOSING,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
        callback=cevents,
    )
    named = [name for name in arguments[:1] if name in COMMANDS and name != "help"]
    for name in named or COMMANDS:
        command = getattr(import_module(f"canvas_events_cli.cli.{name}"), COMMANDS[name])
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name, cls=Command)(command)
    return app


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"cevents {__version__}\n")
        raise typer.Exit


def cevents(
    version: bool = typer.Option(
        False,
        "--version",
        "-V",
        callback=_version,
        is_eager=True,
        help="Show the version and exit.",
        show_default=False,
    ),
) -> None:
    """Inspect Canvas LMS Live Events: validate, show, filter and summarize captures and streams.

    For example:
    cevents validate captures/  # which events break their schemas, where and why?
    cevents show --about course:612 --since 7d captures/  # what happened in a course last week?
    cevents summarize captures/  # what is in here, and which alignment clones keep failing?

    A SOURCE is a file, a directory, a quoted glob, a URL, or - for standard input.
    """


def run(interrupts: Interrupts) -> int:
    """Run the command with the process's arguments and return its exit code."""
    with errors_if_possible():
        try:
            # Typer cannot always write to the home folder, which it does for this option alone.
            installing = told_as(f"{_INSTALL}: cannot write") if _INSTALL in sys.argv else nullcontext()
            with interrupts, output_in_whole(), installing:
                code = int(_app(sys.argv[1:])(prog_name="cevents", standalone_mode=False) or ExitCode.OK)
            return interrupts.code or code if code == ExitCode.INTERRUPTED else code
        except TyperException as error:
            say_usage(error)
            return ExitCode.USAGE
        except CeventsError as error:
            say(f"cevents: {error.args[0]}", *error.args[1:])
            return ExitCode.USAGE
        except (KeyboardInterrupt, typer.Abort):
            return interrupts.code or ExitCode.INTERRUPTED
        except ClosedPipe:
            return ExitCode.CLOSED_PIPE
        except Exception as error:
            if interrupts.code:  # Places such as a class being created make another error of an interrupt.
                return interrupts.code
            if (reason := refusal(error)) is not None:
                say(f"cevents: the system does not give what this needs ({reason}): fewer --jobs need less")
                return ExitCode.USAGE
            traceback.print_exc()
            return ExitCode.BUG
        finally:
            discard_all()
