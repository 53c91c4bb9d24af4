"""One event as a block for a person: a title, the body's fields, the envelope's, with what is wrong beside them.

Every line begins with a mark of ours, so that no text of an event begins one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import NamedTuple

from canvas_events_cli.json_text import compact
from canvas_events_cli.model import Malformed, Record
from canvas_events_cli.pointers import join
from canvas_events_cli.rendering.brief import essentials
from canvas_events_cli.rendering.event_tree import CONTAINERS, Marks, Tree, marks_of, members_of, tree_of, value_piece
from canvas_events_cli.rendering.moments import converted
from canvas_events_cli.rendering.overview import Overview, overview
from canvas_events_cli.rendering.safe_text import is_harmless, location, visible
from canvas_events_cli.rendering.show_fields import BAD, FIRST, FieldLines, complaint
from canvas_events_cli.rendering.styled import GAP, STYLES, Piece, cells, flow
from canvas_events_cli.same_event import ENVELOPES
from canvas_events_cli.validation import ValidationSpec, Verdict, compile_checker
from canvas_events_cli.validation.checker import misspelt

_RAW_SHOWN, _RAW_IN_BRIEF = 2000, 1000
"""Characters shown of a record that cannot be shown by its fields."""
_BRIEF_ROWS = 22
"""Lines of a brief block: with the empty one below and a prompt they fill the smallest of terminals, of 24."""
_ORDER = {"body": -1} | dict.fromkeys(ENVELOPES, 1)


class Block(NamedTuple):
    """An event as it looks but for its place, which only the reader of the whole source knows.

    In UTF-8: other processes make many, which are held until it is their turn, and text takes up to twice as much.
    """

    title: bytes
    end: int
    """Cells that the last line of the title takes."""
    rest: bytes


@dataclass(frozen=True, slots=True)
class BlockForm:
    """What makes blocks of events; picklable."""

    spec: ValidationSpec
    tz: tzinfo | None
    """None for local time."""
    width: int
    """Cells that a line takes."""
    color: bool = False
    brief: bool = False
    """Show what is of most worth, on one screen."""
    longest: int | None = None
    """Bytes that an event has at most that is shown by its fields; of a longer one, its start is shown."""

    def compile(self) -> Callable[[Record], Block]:
        """Return what makes the block of an event. Raises CeventsError for a schema that cannot be used."""
        checker, blocks = compile_checker(self.spec, by_types=True), Blocks(self)
        # It does not copy what it looks at.
        patient = compile_checker(self.spec._replace(engine="jsonschema")) if self.longest is not None else checker

        def block(record: Record) -> Block:
            if self.longest is not None and len(record.raw) > self.longest:
                findings = patient.check("", record).findings if checker.is_wrong(record) else ()
                return blocks.event(record, Verdict(None, findings))
            verdict = checker.check("", record)
            meant = misspelt(record, verdict, checker) if verdict.undocumented_fields else None
            return blocks.event(record, verdict, meant)

        return block


class Blocks:
    """Lays events out in lines that fit."""

    def __init__(self, form: BlockForm) -> None:
        self._form = form
        self._fields = FieldLines(form.tz, form.width, color=form.color, brief=form.brief)

    def event(self, record: Record, verdict: Verdict, meant: Mapping[str, str] | None = None) -> Block:
        """Return an event, of which *verdict* says what is wrong, and *meant* which fields may be misspelt."""
        marks = marks_of(verdict, meant) if verdict.findings or meant else {}
        about = overview(record)
        fields = self._fields
        title = self._title(record, about)
        lines = [line for text in marks.pop(None, {}).get("", ()) for line in fields.flowed([complaint(text)])]
        longest = self._form.longest
        is_long = longest is not None and len(record.raw) > longest
        try:
            lines += (
                self._raw(record.json)
                if is_long
                else self._content(tree_of(record), about, marks, _BRIEF_ROWS - len(title) - len(lines) - 1)
            )
        except RecursionError:
            marks = marks_of(verdict, meant)
            marks.pop(None, None)
            lines += self._raw(compact(record.raw))
        for parent, inside in marks.items():
            for key, messages in inside.items():
                lines += fields.flowed([(visible(join(parent or "", key)), ""), *map(complaint, messages)])
        return self._block(title, BAD if verdict.findings else FIRST, lines)

    def malformed(self, item: Malformed) -> Block:
        """Return a record that is no JSON."""
        lines = [*self._fields.flowed([complaint(item.message)]), *self._raw(item.raw)]
        return self._block([[("malformed", "bold")]], BAD, lines)

    def _block(self, title: list[list[Piece]], bar: Piece, lines: Iterable[bytes]) -> Block:
        drawn = b"\n".join(self._fields.drawn(title, bar))
        return Block(drawn, sum([cells(text) for text, _ in title[-1]]), b"\n".join([b"", *lines, b"", b""]))

    def placed(self, block: Block, source: str, line: int) -> bytes:
        """Return the lines of *block* with its place in the title, an empty one after them."""
        place = location(source, line)
        if block.end + GAP + cells(place) <= self._fields.room:
            text = b"  " + self._fields.draw([(place, "dim")]).encode()
        else:
            text = b"\n".join([b"", *self._fields.flowed([(place, "dim")])])
        return block.title + text + block.rest

    def _title(self, record: Record, about: Overview) -> list[list[Piece]]:
        time, local = about.time, converted(about.time, self._form.tz) or ""
        wrapping = record.wrapping
        around = ""
        if wrapping is not None:
            around = f"in {', '.join([wrapping.kind, *(f'{name} {value}' for name, value in wrapping.details)])}"
        told = [
            (local, f"bold {STYLES['time']}"),
            (f"({time})" if local else time or "no event_time", STYLES["time"] if time else "dim"),
            (about.event, "bold"),
            (about.who, ""),
            (about.subject, "bold"),
            (about.where, ""),
            (about.retried, "bold"),
            (around, "dim"),
        ]
        pieces = [piece for piece in told if piece[0]]
        if not is_harmless("  ".join([text for text, _ in pieces])):
            pieces = [(visible(text), style) for text, style in pieces]
        return [*flow(pieces, self._fields.room)]

    def _content(self, tree: Tree, about: Overview, marks: Marks, rows: int) -> list[bytes]:
        if type(tree) not in CONTAINERS or not tree:
            return [*self._fields.flowed([value_piece(tree)])]
        if not isinstance(tree, list):
            members = sorted(members_of(tree), key=lambda member: _ORDER.get(member[0], 0))
            tree = dict(members) if isinstance(tree, dict) else tuple(members)
        if self._form.brief:
            tree = essentials(members_of(tree), about.told, rows, marks)
        return self._fields.lines(tree, 0, "", marks)

    def _raw(self, raw: bytes) -> Iterator[bytes]:
        limit = _RAW_IN_BRIEF if self._form.brief else _RAW_SHOWN
        text = raw[: 4 * limit].decode("utf-8", "backslashreplace")[:limit]
        more = [(f"… {len(raw):,} bytes in all", "")] if len(raw) > len(text.encode()) else []
        return self._fields.flowed([(visible(text), "dim"), *more])
