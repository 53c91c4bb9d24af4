"""Untrusted text, made safe for each medium: terminals and logs, JSON on a terminal, Markdown, CSV.

Nothing in it may move the cursor, hide, reorder, pass for a command or a formula, or open markup. Everything that
stands in an event or in a file name goes through here before it reaches a reader.
"""

import re
from dataclasses import asdict, is_dataclass

import orjson

_SHORT = {"\n": r"\n", "\t": r"\t", "\r": r"\r"}

# Characters that show nothing or change how their neighbours show: C1 controls and DEL, everything that is
# Default_Ignorable_Code_Point in Unicode (but the two selectors that merely choose between text and emoji
# style), line and paragraph separators, lone surrogates, interlinear marks, and the noncharacters.
_HIDDEN = (
    "\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufdd0-\ufdef\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff\ud800-\udfff"
) + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))

# "##[…]" is a command to GitHub's and "##vso[…]" to Azure's build agents wherever it stands in a line.
_UNSAFE, _COMMAND = re.compile(f"[\x00-\x1f{_HIDDEN}]"), re.compile(r"#(?=#[A-Za-z]*\[)")
is_narrow = re.compile(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0377\u0400-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e]*"
).fullmatch
"""Tells texts of which each character shows, and takes one cell: those of most languages that have an alphabet."""
# Text, and so below: what few runs need is compiled with its first use.
_UNSAFE_IN_JSON = f"[\x00-\x08\x0b-\x1f{_HIDDEN}]"

# In Markdown these are written as character references, which can neither open markup nor end a cell. Plain:
# underscores inside words, and the colons of clock times and of sentences.
_MARKUP = r"(?i)[]\[\\`*~<>&|#!$@{}]|_(?![a-z0-9])|(?<![a-z0-9])_|(?<!\d):(?=\S)|:(?=[^\s\d])|(?<=www)\."
# What spreadsheets take for the beginning of a formula, the full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def is_harmless(text: str) -> bool:
    """Tell of nearly all texts that may stand anywhere as they are: in a seventh of the time that the pattern takes."""
    return text.isascii() and text.isprintable() and "##" not in text and "::" not in text


def visible(text: str) -> str:
    r"""Return *text* as it may stand anywhere in one terminal line, unsafe characters as escapes.

    A leading ``::`` is a command to GitHub's runners, so its first colon is escaped too. Backslashes stay.

    >>> visible("a\x1b[31m\n")
    'a\\x1b[31m\\n'
    """
    if is_harmless(text):
        return text  # nearly all
    for char, escape in _SHORT.items():
        text = text.replace(char, escape)
    safe = text if is_narrow(text) else _UNSAFE.sub(_escape, text)
    safe = _COMMAND.sub(_escape, safe) if "##" in safe else safe
    return safe.replace(":", r"\x3a", 1) if safe.lstrip().startswith("::") else safe


def shorten(text: str, width: int) -> str:
    """Return *text*, cut to *width* terminal cells and ended by ``…`` where it is longer.

    *text* has gone through :func:`visible`; East Asian wide characters and emoji take two cells.
    """
    if text.isascii():
        return text if len(text) <= width else text[: width - 1].rstrip() + "…" if width > 0 else ""
    from rich.cells import cell_len, set_cell_size

    if len(text) <= width and cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def terminal_json_bytes(raw: bytes) -> bytes:
    r"""Return the JSON text *raw* with what a terminal must not get as ``\u`` escapes: the same JSON.

    Such characters stand only inside strings, but for a byte order mark, which is dropped, and a carriage
    return between tokens, which becomes a space.
    """
    text = raw.decode("utf-8", "backslashreplace").removeprefix("\ufeff")
    return re.sub(_UNSAFE_IN_JSON, _escape_in_json, text).encode()


def json_bytes(value: object, *, indent: bool = False) -> bytes:
    """Return *value* as JSON, a dataclass as an object; a lone surrogate, as in file names, becomes a question mark."""
    option = orjson.OPT_INDENT_2 if indent else 0
    try:
        return orjson.dumps(value, option=option)
    except TypeError:
        return orjson.dumps(_encodable(value), option=option)


def location(source: str, line: int | None = None) -> str:
    """Return ``SOURCE:LINE``, or the source, fit to begin a line of a log that a build service reads commands from.

    A relative file name that would begin like a command gets ``./`` before it: it names the same file.
    """
    prefix = "./" if source.lstrip().startswith(("::", "##")) else ""
    return visible(prefix + source) + ("" if line is None else f":{line}")


def markdown(text: str) -> str:
    """Return *text* so that Markdown shows exactly it, on one line, and mentions nobody.

    >>> markdown("a|b <x> @all")
    'a&#124;b &#60;x&#62; &#64;<!-- -->all'
    """
    return re.sub(_MARKUP, _reference, visible(text))


def csv_cell(text: str) -> str:
    """Return *text* for a cell of CSV: visible as on a terminal, and no formula to any spreadsheet."""
    starts_badly = text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r"))
    return ("'" if starts_badly else "") + visible(text)


def _reference(match: re.Match[str]) -> str:
    # A mention is looked for after the page is drawn, so there a reference alone is not enough.
    return f"&#{ord(match[0])};" + ("<!-- -->" if match[0] == "@" else "")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _escape_in_json(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == 0x0D:
        return " "
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if is_dataclass(value) and not isinstance(value, type):
        return _encodable(asdict(value))
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
