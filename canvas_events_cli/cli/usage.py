"""What is wrong with a command line, with what may be meant: options, commands and choices that there are not."""

import os
import re
import sys
from typing import Any

from typer import TyperException

from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import did_you_mean

_SAME_ELSEWHERE = (
    ("--limit", "--max-findings", "--per-type", "--max-count", "-n", "-m"),
    ("--output-format", "--format", "--output", "-o", "-f"),
    ("--event", "--event-name", "--type", "-e"),
    ("--where", "--filter", "-w"),
    ("--quiet", "--silent", "-q"),
)
"""Options that are called differently by another command, or another program, and mean the same."""
_WRONG_CHOICE = re.compile(r"'([^']*)' is not one of (.*)\.")


def say_usage(error: TyperException) -> None:
    """Tell what is wrong with the command line; an error without a message is Typer's way to say that it wrote help."""
    context = getattr(error, "ctx", None)
    message = error.format_message()
    if not message:
        return
    if context is None or "\n" in message:
        sys.stderr.write(f"cevents: {message}\n")
    else:
        say(f"cevents: {_told(error, message, context)} Try '{context.command_path} --help'.")


def _told(error: Any, message: str, context: Any) -> str:
    """Return the *message* as sentences, with what may be meant."""
    if hasattr(error, "possibilities") and hasattr(error, "option_name"):
        known = [name for param in context.command.params for name in param.opts]
        meant = _option_meant(error.option_name, known)
        elsewhere = "" if context.parent or "?" in meant else " Options come after the command."
        return f"No such option: {error.option_name}{meant}{elsewhere}"
    if choice := _WRONG_CHOICE.search(message):
        return message[:-1] + (did_you_mean(choice[1], re.findall("'([^']*)'", choice[2])) or ".")
    if context.parent is None and os.path.exists(sys.argv[1]):
        return f"{message} A SOURCE comes after a command: cevents show {sys.argv[1]}."
    return message.replace("is not a valid int range", "is no whole number")


def _option_meant(word: str, known: list[str]) -> str:
    """Return which of the *known* options of a command may be meant by *word*, as the end of a sentence."""
    for group in _SAME_ELSEWHERE:
        meant = next((name for name in group if name in known), None)
        if word in group and meant is not None:
            return f"; here it is {meant!r}."
    return did_you_mean(word, [name for name in known if name.startswith("--")]) or "."
