"""The command's entry point, and the one error boundary: expected error, interrupt and bug leave by different codes."""

import os
import signal
import sys
import traceback
from types import FrameType
from typing import Annotated

import typer
from typer import TyperException

from canvas_events_cli import __version__
from canvas_events_cli.cli.drift import drift
from canvas_events_cli.cli.filter import filter_events
from canvas_events_cli.cli.sample import sample
from canvas_events_cli.cli.schema import schema
from canvas_events_cli.cli.scrub import scrub
from canvas_events_cli.cli.show import show
from canvas_events_cli.cli.streams import say
from canvas_events_cli.cli.summarize import summarize
from canvas_events_cli.cli.validate import validate
from canvas_events_cli.errors import CeventsError, ClosedPipe, ExitCode

app = typer.Typer(
    name="cevents",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(validate)
app.command()(show)
app.command("filter")(filter_events)
app.command()(summarize)
app.command()(scrub)
app.command()(sample)
app.command()(drift)
app.add_typer(schema, name="schema")


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"cevents {__version__}\n")
        raise typer.Exit


@app.callback()
def cevents(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Inspect Canvas LMS Live Events: validate captures and streams.

    A SOURCE is a file, a directory, a quoted glob, a URL, or - for standard input.
    """


def run() -> int:
    """Run the command with the process's arguments and return its exit code."""
    try:
        return int(app(prog_name="cevents", standalone_mode=False) or ExitCode.OK)
    except TyperException as error:
        _say_usage(error)
        return ExitCode.USAGE
    except CeventsError as error:
        say(f"cevents: {error}")
        return ExitCode.USAGE
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except ClosedPipe:
        return ExitCode.CLOSED_PIPE
    except Exception:
        traceback.print_exc()
        return ExitCode.BUG


def main() -> None:
    """Run the command and leave the process with its exit code."""
    terminated = _interrupt_on_sigterm()
    code = run()
    if terminated and code == ExitCode.INTERRUPTED:
        code = ExitCode.TERMINATED
    # What could not be written is lost already and has been told: the interpreter must not fail on it once more.
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def _interrupt_on_sigterm() -> list[int]:
    """Make SIGTERM end the command as Ctrl-C does, with what was found so far; return a list that then holds it."""
    received: list[int] = []

    def interrupt(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)
    return received


def _say_usage(error: TyperException) -> None:
    """Tell what is wrong with the command line; without arguments the error's message is the help."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if context is None or "\n" in message:
        sys.stderr.write(message + "\n")
    else:
        say(f"cevents: {message} Try '{context.command_path} --help'.")
