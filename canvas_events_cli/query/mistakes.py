"""Shows a person where an expression went wrong."""

from canvas_events_cli.errors import CeventsError

_ALL = "this takes one condition: repeat --where (-w), all of them must hold"
_ANY = "this takes one condition: repeat --where (-w) and add --any, then one of them is enough"
CONNECTIVES = {"and": _ALL, "&&": _ALL, "or": _ANY, "||": _ANY}
"""Words of other languages that join conditions, and what to write instead."""


def refuse_broken_text(expression: str) -> None:
    """Raise CeventsError for what is no text: an argument can hold any bytes."""
    try:
        expression.encode()
    except UnicodeEncodeError as error:
        raise mistake(expression, error.start, "this is not UTF-8 text, and no event holds any other") from error


def mistake(expression: str, at: int, what: str) -> CeventsError:
    """Return the error that says *what* is wrong with *expression*, with a caret under character *at*."""
    return CeventsError(_printable(what), f"  {_printable(expression)}", f"  {' ' * at}^")


def _printable(text: str) -> str:
    """Return *text* with what would move the caret replaced, one character for one."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
