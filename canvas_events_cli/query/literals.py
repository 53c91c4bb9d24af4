r"""Text that stands in the bytes of every JSON record in which a string, a glob or a regular expression matches.

JSON may write every character as an escape (``\u0041`` is an A) and must so write quotes, backslashes and control
characters. The pieces found here hold none of the latter; :func:`escapes` finds the records that hide a piece.
"""

import re
from collections.abc import Iterable

_ALWAYS_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_GLOB_MAGIC = re.compile(r"[*?]|\[.*", re.DOTALL)
# As far as a regular expression is understood here: an escaped sign, what stands for no certain character, a
# repetition, any other character. The rest (groups, classes, counts, longer escapes) ends the reading.
_REGEX_TOKEN = re.compile(r"\\([^\w\s])|(\\[dDsSwWbB]|[.^$])|([*?+])|([^\\()\[{])", re.ASCII | re.DOTALL)


def is_plain(text: str) -> bool:
    """Tell whether JSON may write all of *text* as it is."""
    return _ALWAYS_ESCAPED.search(text) is None


def of_string(text: str) -> str:
    """Return the longest piece of the JSON string whose value is *text*, with its quotes."""
    return _of_whole_string([text])


def of_glob(glob: str) -> str:
    """Return the longest piece of any JSON string that the shell pattern *glob* matches; may be a mere quote."""
    return _of_whole_string(_GLOB_MAGIC.split(glob))


def of_regex(pattern: str) -> str:
    """Return the longest text that is certain to stand wherever the regular expression *pattern* matches, or ``""``."""
    if "|" in pattern:
        return ""
    runs = [""]
    position = 0
    while match := _REGEX_TOKEN.match(pattern, position):
        position = match.end()
        sign, anything, repetition, character = match.groups()
        if repetition in ("*", "?"):
            runs[-1] = runs[-1][:-1]
        if repetition or anything:
            runs.append("")
        else:
            runs[-1] += sign or character
    if pattern.startswith("{", position):
        runs[-1] = runs[-1][:-1]
    return _longest(piece for run in runs for piece in _ALWAYS_ESCAPED.split(run))


def escapes(characters: Iterable[str]) -> str:
    """Return a regular expression for every JSON escape that can stand for one of *characters*; they are plain."""
    units = {unit for character in characters for unit in _utf16(character)}
    codes = "|".join("".join(map(_either_case, f"{unit:04x}")) for unit in sorted(units))
    return rf"\\(?:u(?:{codes})|/)" if "/" in characters else rf"\\u(?:{codes})"


def _of_whole_string(runs: list[str]) -> str:
    pieces = [piece for run in runs for piece in _ALWAYS_ESCAPED.split(run)]
    pieces[0] = '"' + pieces[0]
    pieces[-1] += '"'
    return _longest(pieces)


def _longest(pieces: Iterable[str]) -> str:
    return max(pieces, key=len, default="")


def _utf16(character: str) -> list[int]:
    encoded = character.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(encoded[at : at + 2]) for at in range(0, len(encoded), 2)]


def _either_case(digit: str) -> str:
    return f"[{digit}{digit.upper()}]" if digit.isalpha() else digit
