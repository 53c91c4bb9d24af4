"""What is wrong with a command line, with what may be meant: options, commands and choices that there are not."""

import os
import re
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from typer import TyperException

from canvas_events_cli.cli.streams import say
from canvas_events_cli.errors import did_you_mean

_SAME = (
    ("--limit", "--max-findings", "--per-type", "--max-count", "--head", "-n", "-m"),
    ("--output-format", "--format", "--output", "-o", "-f"),
    ("--event", "--event-name", "--event-type", "--type", "-e"),
    ("--where", "--filter", "--query", "--select", "-w"),
    ("--since", "--from", "--after", "--start"),
    ("--until", "--to", "--before", "--end"),
    ("--tz", "--time-zone", "--timezone", "--zone"),
    ("--jobs", "--workers", "--processes", "--threads", "--parallel", "-j"),
    ("--schemas", "--schema", "--schema-dir", "--catalog"),
    ("--jwks", "--keys", "--key", "--public-keys"),
    ("--max-record-bytes", "--max-record-size", "--record-size"),
    ("--fields", "--columns"),
    ("--by", "--group-by", "--tally", "--field"),
    ("--top", "--rows"),
    ("--unique", "--dedupe", "--distinct"),
    ("--sort", "--sort-by", "--order-by"),
    ("--invert-match", "--not", "--exclude", "-v"),
    ("--show-values", "--values", "--with-values"),
    ("--baseline", "--known", "--ignore"),
    ("--quiet", "--silent", "-q"),
    ("--color", "--colour", "--colors"),
)
"""Options that mean the same, in this command, in another one, or in another program."""
_SAME_COMMANDS = (
    ("validate", "check", "lint", "verify", "test"),
    ("filter", "grep", "select", "where", "find"),
    ("show", "cat", "view", "print", "head", "get", "describe"),
    ("summarize", "summarise", "summary", "stats", "count", "report"),
    ("drift", "diff", "compare", "changes"),
    ("scrub", "anonymize", "anonymise", "redact", "mask"),
    ("example", "generate", "fake", "mock", "make"),
    ("browse", "tui", "ui", "explore"),
    ("capture", "listen", "receive", "consume", "record"),
    ("explain", "why"),
    ("list", "ls"),
)
"""Commands in the same way, at the top or below ``schema``."""
_WRONG_COMMAND = re.compile(r"No such command '([^']*)'\.")
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
        same = same_option(error.option_name, known)
        long = [name for name in known if name.startswith("--")]
        meant = f"; here it is {same!r}." if same else did_you_mean(error.option_name, long) or "."
        elsewhere = "" if context.parent or "?" in meant else " Options come after the command."
        return f"No such option: {error.option_name}{meant}{elsewhere}"
    if choice := _WRONG_CHOICE.search(message):
        return message[:-1] + (did_you_mean(choice[1], re.findall("'([^']*)'", choice[2])) or ".")
    wrong = _WRONG_COMMAND.match(message)
    if wrong and (same := _same(wrong[1].lower(), _SAME_COMMANDS, context.command.commands)):
        return f"{wrong[0]} Did you mean {same!r}?"
    if context.parent is None and os.path.exists(sys.argv[1]):
        return f"{message} A SOURCE comes after a command: cevents show {sys.argv[1]}."
    return message.replace("is not a valid int range", "is no whole number")


def same_option(word: str, known: Iterable[str]) -> str | None:
    """Return the one of the *known* options that means what *word* does to another program; None where none does."""
    return _same(word.lower().replace("_", "-"), _SAME, known)


def _same(word: str, groups: Iterable[Sequence[str]], known: Iterable[str]) -> str | None:
    """Return the one of the *known* names that is in the same of *groups* as *word*; None where none is."""
    group = next((group for group in groups if word in group), ())
    return next((name for name in group if name in {*known}), None)
