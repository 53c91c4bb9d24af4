"""What a command can do, for each medium: the terminal's help, a Markdown reference, and a page for ``man``."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from canvas_events_cli.rendering.safe_text import markdown
from canvas_events_cli.rendering.styled import STYLES, Piece, cells, folded

_MOST_NAMES = 28
"""Cells that the names of an option may take beside what it does."""
_DIRECTIVE = re.compile(r"^(?=[.'])", re.MULTILINE)


@dataclass(frozen=True)
class Page:
    """What is told of one command."""

    name: str
    usage: str
    summary: str
    paragraphs: Sequence[str]
    examples: Sequence[tuple[str, str]]
    """What each is for, and the line that does it."""
    sections: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    """The title of each, and its rows: the names of an option, and what it does."""
    closing: Sequence[str]
    """Paragraphs that end it."""


def help_lines(page: Page, width: int) -> Iterator[list[Piece]]:
    """Yield the lines of *page* for a terminal: what it does, examples, usage, then the options."""
    yield from _paragraph(page.summary, width)
    if page.examples:
        yield from ([], [("Examples", "bold")])
    for what, line in page.examples:
        yield [("  ", ""), (f"# {what}", "dim")]
        yield [("  ", ""), (line, STYLES["name"])]
    yield from ([], [("Usage: ", "bold"), (f"{page.name} {page.usage}", "")])
    for paragraph in page.paragraphs:
        yield []
        yield from _paragraph(paragraph, width)
    names = (cells(names) for _, rows in page.sections for names, _ in rows)
    column = min(4 + max(size for size in names if size <= _MOST_NAMES), width // 2)
    for title, rows in page.sections:
        yield from ([], [(title, "bold")])
        for options, text in rows:
            first, *others = folded(text, width - column)
            gap = column - 2 - cells(options)
            if gap < 2:
                first, others = "", [first, *others]
            yield [("  ", ""), (options, STYLES["name"]), *([(" " * gap + first, "")] if first else [])]
            yield from ([(" " * column + line, "")] for line in others)
    for paragraph in page.closing:
        yield []
        yield from _paragraph(paragraph, width)


def _paragraph(text: str, width: int) -> Iterator[list[Piece]]:
    yield from ([(line, "")] for line in folded(text, width))


def reference(pages: Iterable[Page]) -> str:
    """Return *pages* as one Markdown document."""
    blocks = ["# Reference", "What `cevents help -o markdown` writes."]
    for page in pages:
        blocks += [f"## {page.name}", page.summary]
        if page.examples:
            blocks.append("\n".join(["```sh", *(f"# {what}\n{line}" for what, line in page.examples), "```"]))
        blocks += [f"Usage: `{page.name} {page.usage}`", *page.paragraphs]
        for title, rows in page.sections:
            # A bar ends a cell, also inside code.
            escaped = ((names.replace("|", r"\|"), markdown(text)) for names, text in rows)
            lines = [f"| `{names}` | {text} |" for names, text in escaped]
            blocks.append("\n".join([f"| {title} | |", "| --- | --- |", *lines]))
        blocks += page.closing
    return "\n\n".join(blocks) + "\n"


def manual(pages: Sequence[Page], version: str) -> str:
    """Return *pages*, the first of which is of the command as a whole, as a page for ``man``."""
    root = pages[0]
    lines = [f'.TH CEVENTS 1 "" "cevents {version}"', ".SH NAME", _roff(f"{root.name} - {root.summary}")]
    lines += [".SH SYNOPSIS", _roff(f"{root.name} {root.usage}"), ".SH DESCRIPTION", *_described(root)]
    lines += [".SH COMMANDS"]
    for page in pages[1:]:
        lines += [f".SS {_roff(f'{page.name} {page.usage}')}", _roff(page.summary), ".PP", *_described(page)]
    return "\n".join(lines) + "\n"


def _described(page: Page) -> Iterator[str]:
    for paragraph in page.paragraphs:
        yield from (_roff(paragraph), ".PP")
    for what, line in page.examples:
        yield from (_roff(what), ".PP", ".RS", ".nf", _roff(line), ".fi", ".RE", ".PP")
    for title, rows in page.sections:
        yield from (f".B {_roff(title)}", ".PP")
        for names, text in rows:
            yield from (".TP", rf"\fB{_roff(names)}\fR", _roff(text))
        yield ".PP"
    for paragraph in page.closing:
        yield from (_roff(paragraph), ".PP")


def _roff(text: str) -> str:
    r"""Return *text* with nothing in it that ``man`` takes for its own: backslashes, hyphens, a line's first dot."""
    return _DIRECTIVE.sub(r"\\&", text.replace("\\", r"\e").replace("-", r"\-"))
