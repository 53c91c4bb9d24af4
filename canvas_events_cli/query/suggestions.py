"""What may be meant by the beginning of a condition: for the shell, and for whoever types one into a screen."""

import re
from collections.abc import Iterable

# A condition may ask for what is absent (!FIELD), --fields takes several; past an operator there is no FIELD.
_FIELD_TYPED = re.compile(r'(!|(?:[^\s,<>=!~@"]+,)+)?([^\s,<>=!~@"]*)')
_NAME_TYPED = re.compile(r"((?:metadata\.|attributes\.)?event_name\s*(?:!?[=~]|==)\s*)(\S*)")


def suggest_fields(incomplete: str, fields: Iterable[str]) -> list[str]:
    """Return those of *fields* that begin with *incomplete*.

    What stands before the last FIELD in it (``!``, or other FIELDs and a comma) stays before each.
    """
    typed = _FIELD_TYPED.fullmatch(incomplete)
    if typed is None:
        return []
    before, start = typed[1] or "", typed[2]
    return [before + field for field in fields if field.startswith(start)]


def suggest_condition(incomplete: str, fields: Iterable[str], events: Iterable[str]) -> list[str]:
    """Return how the condition *incomplete* may go on: with a field, or the name of an event where it asks for one."""
    named = _NAME_TYPED.fullmatch(incomplete)
    if named is not None:
        return [named[1] + name for name in events if name.startswith(named[2])]
    return suggest_fields(incomplete, fields) if incomplete else []
