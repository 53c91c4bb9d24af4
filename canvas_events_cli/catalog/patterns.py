r"""Regular expressions of schemas, on engines whose time is linear in the text.

JSON Schema takes its patterns from ECMA 262: ``$`` is the very end, ``\d`` and ``\w`` are ASCII, ``\s`` is any
Unicode white space. Neither engine has lookaround or back references.
"""

import re
from collections.abc import Callable
from functools import lru_cache

Matcher = Callable[[str], bool]
"""Tells whether a pattern is found anywhere in a text."""


class UnsupportedPattern(ValueError):
    """A pattern that is no regular expression, or needs what a linear-time engine does not have."""


@lru_cache(maxsize=512)
def rust_matcher(pattern: str) -> Matcher:
    """Return a matcher on the regex engine inside jsonschema-rs; raises UnsupportedPattern."""
    import jsonschema_rs

    try:
        validator = jsonschema_rs.Draft202012Validator(
            {"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions(), offline=True
        )
    except ValueError as error:
        raise UnsupportedPattern(pattern) from error
    return validator.is_valid


@lru_cache(maxsize=512)
def re2_matcher(pattern: str) -> Matcher:
    """Return a matcher on RE2; raises UnsupportedPattern."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        search = re2.compile(_to_re2(pattern), options=options).search
    except re2.error as error:
        raise UnsupportedPattern(pattern) from error
    return lambda text: search(text) is not None


_TOKEN = re.compile(r"\\u\{([0-9A-Fa-f]+)\}|\\u([0-9A-Fa-f]{4})|\\c([A-Za-z])|\\(.)|(\[)|(\])", re.DOTALL)
_SPACE = r"\t-\r \x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}"
_NOT_SPACE = (
    r"\x{0}-\x{8}\x{e}-\x{1f}!-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}"
    r"\x{202a}-\x{202e}\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}"
)


def _to_re2(pattern: str) -> str:
    """Rewrite the ECMA 262 escapes that RE2 lacks or reads as ASCII only."""
    in_class = False

    def rewrite(token: re.Match[str]) -> str:
        nonlocal in_class
        braced, four, control, escaped, opens, closes = token.groups()
        if braced or four:
            return f"\\x{{{braced or four}}}"
        if control:
            return f"\\x{{{ord(control) % 32:x}}}"
        if escaped in ("s", "S"):
            ranges = _SPACE if escaped == "s" else _NOT_SPACE
            return ranges if in_class else f"[{ranges}]"
        in_class = bool(opens) or (in_class and not closes)
        return token[0]

    return _TOKEN.sub(rewrite, pattern)
