"""Styled text as the bytes that a terminal gets, laid out by cells.

Rich lays out anything; a page of thousands of short lines, each of known pieces, it lays out some forty times slower.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeAlias

from canvas_events_cli.rendering.safe_text import is_narrow, visible

Piece: TypeAlias = tuple[str, str]
"""Text that is safe to print, and its style in the words of Rich."""

_CODES = {
    "": "",
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "magenta": "35",
    "bold red": "1;31",
    "bold green": "1;32",
    "bold magenta": "1;35",
    "reverse": "7",
    "color(28)": "38;5;28",
    "color(30)": "38;5;30",
    "color(133)": "38;5;133",
    "bold color(32)": "1;38;5;32",
}
_BEGINS = {style: f"\x1b[{code}m" for style, code in _CODES.items()}
STYLES = {
    "count": "",
    "seconds": "",
    "rate": "",
    "type": "",
    "time": "magenta",
    "id": "",
    "address": "",
    "name": "bold",
    "pointer": "magenta",
    "warning": "bold magenta",
}
"""What kinds of text look like, in every command.

Of the colours that terminals name, only red and magenta have a contrast of 3 to 1 on white and on black in the palettes
of xterm, VS Code, Solarized and Terminal.app; cyan and green have 2 on white, yellow 1.7, blue 2.2 on black.
"""
GAP = 2
"""Cells between two pieces of a line."""
_MARGIN = "    "
_WORD, _BLANKS = re.compile(r"\s*\S+\s*").match, re.compile(r"\s+").match
_UP_TO_SIGN = re.compile(".*[/?&]", re.DOTALL).match
"""Tells how much of an address may stand in one line, and the rest in the next."""


def paint(text: str, style: str) -> str:
    """Return *text* with the sequences (ECMA-48, SGR) that colour it."""
    return f"{_BEGINS[style]}{text}\x1b[0m" if style and text else text


def painted(pieces: Iterable[Piece]) -> str:
    """Return *pieces* with their colours."""
    return "".join([f"{_BEGINS[style]}{text}\x1b[0m" if style and text else text for text, style in pieces])


def plain(pieces: Iterable[Piece]) -> str:
    """Return *pieces* without their styles."""
    return "".join([text for text, _ in pieces])


def cells(text: str) -> int:
    """Return how many cells *text* takes: East Asian wide characters and emoji take two."""
    if text.isascii() or is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def folded(text: str, width: int) -> list[str]:
    """Return *text* in lines of at most *width* cells, broken between words, or parts of those that fit no line."""
    if cells(text) <= width:
        return [text]
    if is_narrow(text) and not text.isascii():
        return _folded_narrow(text, width)
    if not text.isascii():
        from rich.console import Console
        from rich.text import Text

        return [line.plain for line in Text(text).wrap(Console(width=width), width, overflow="fold")]
    lines = []
    start = 0
    while len(text) - start > width:
        end = text.rfind(" ", start, start + width + 1) + 1
        if end <= start + width // 2:
            word_fits = end > start and (" " in text[end : end + width + 1] or len(text) - end <= width)
            # A long word, such as an address.
            sign = None if word_fits else _UP_TO_SIGN(text, start, start + width)
            end = max(end, sign.end() if sign else 0)
        end = end if end > start else start + width
        lines.append(text[start:end].rstrip(" "))
        start = end
    return [*lines, text[start:]]


def _folded_narrow(text: str, width: int) -> list[str]:
    """Return what Rich does of a text whose characters take a cell each, in a tenth of the time.

    Blanks after a word go with it, and are cut off where they are too many.
    """
    words_that_fit = re.compile(rf".{{0,{width - 1}}}\S(?!\S)\s*", re.DOTALL).match
    lines, start = [], 0
    while start < len(text):
        if found := words_that_fit(text, start) or (_BLANKS(text, start) if start else None):
            lines.append(text[start : found.end()][:width])
            start = found.end()
        else:  # a word that fits no line, whose end begins one, maybe with others; or nothing but blanks
            word = _WORD(text, start)
            end = word.end() if word else len(text)
            while end - start > width:
                lines.append(text[start : start + width])
                start = start + width if word else end
    return lines


def folded_pieces(pieces: Sequence[Piece], width: int) -> list[list[Piece]]:
    """Return *pieces* in lines of at most *width* cells, all but the first indented; safe to print again."""
    text = plain(pieces)
    if cells(text) <= width:
        return [[*pieces]]
    lines: list[list[Piece]] = []
    end = 0
    for part in folded(text, max(width - len(_MARGIN), 1)):
        start = max(text.find(part, end), end)
        end = start + len(part)
        at = 0
        line = [(_MARGIN, "")] if lines else []
        for piece, style in pieces:
            # What is harmless inside a line may be a command where it begins one.
            line.append((visible(piece[max(start - at, 0) : max(end - at, 0)]), style))
            at += len(piece)
        lines.append(line)
    return lines


def flow(pieces: Iterable[Piece], width: int, column: int = 0, start: Sequence[Piece] = ()) -> Iterator[list[Piece]]:
    """Yield lines that hold *pieces* two spaces apart, as many a line as fit *width*, from *column* on.

    *start* is what stands left of *column* in the first line.
    """
    line = list(start)
    end = sum([cells(text) for text, _ in line])
    filled = bool(line) and end + GAP > column
    for text, style in pieces:
        size = len(text) if text.isascii() else cells(text)
        if filled:
            if end + GAP + size <= width:
                line += ("  ", ""), (text, style)
                end += GAP + size
                continue
            yield line
            line, end = [], 0
        if size > width - column:
            *full, text = folded(text, width - column)
            size = cells(text)
            for part in full:
                yield [*line, (" " * (column - end), ""), (part, style)]
                line, end = [], 0
        line += (" " * (column - end), ""), (text, style)
        end = column + size
        filled = True
    yield line
