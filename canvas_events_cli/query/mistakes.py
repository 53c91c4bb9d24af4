"""Shows a person where an expression went wrong."""

from canvas_events_cli.errors import CeventsError


def mistake(expression: str, at: int, what: str) -> CeventsError:
    """Return the error that says *what* is wrong with *expression*, with a caret under character *at*."""
    return CeventsError(_printable(what), f"  {_printable(expression)}", f"  {' ' * at}^")


def _printable(text: str) -> str:
    """Return *text* with what would move the caret replaced, one character for one."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
