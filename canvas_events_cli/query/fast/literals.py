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
    return _longest([text], quote='"')


def of_glob(glob: str) -> str:
    """Return the longest piece of any JSON string that the shell pattern *glob* matches; may be a mere quote."""
    return _longest(_GLOB_MAGIC.split(glob), quote='"')


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
    return _longest(runs)


def escapes(characters: Iterable[str]) -> str:
    """Return a regular expression for every JSON escape that can stand for one of *characters*; they are plain."""
    text = "".join(characters)
    codes = sorted(set(re.findall("....", text.encode("utf-16-be", "surrogatepass").hex())))
    return rf"\\(?:u(?i:{'|'.join(codes)}){'|/' if '/' in text else ''})"


def _longest(runs: list[str], quote: str = "") -> str:
    pieces = [piece for run in runs for piece in _ALWAYS_ESCAPED.split(run)]
    pieces[0] = quote + pieces[0]
    pieces[-1] += quote
    return max(pieces, key=len)
