"""Coverage-guided fuzzing of everything that untrusted bytes reach: framing, unwrapping, validation, query, rendering.

Needs atheris. By hand, for ten minutes: ``python tests/fuzz/fuzz_events.py -max_total_time=600 CORPUS_FOLDER``.
Anything raised is a finding, but for the one exception that tells a user what is wrong with an expression.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import atheris

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

with atheris.instrument_imports(include=["canvas_events_cli"]):
    from canvas_events_cli.errors import CeventsError
    from canvas_events_cli.framing.fast.batches import Batch, in_batches
    from canvas_events_cli.framing.framer import Framer
    from canvas_events_cli.model import Malformed, Record
    from canvas_events_cli.parse import parse
    from canvas_events_cli.query.expressions import parse_condition
    from canvas_events_cli.query.fast.deciding import fast_path
    from canvas_events_cli.query.noticing import Decided, Notices
    from canvas_events_cli.query.selection import Selection, compile_selection
    from canvas_events_cli.rendering.event_bytes import event_line
    from canvas_events_cli.rendering.safe_text import terminal_json_bytes
    from canvas_events_cli.rendering.show import Block, BlockForm
    from canvas_events_cli.rendering.show_table import LogLines, Row, RowForm
    from canvas_events_cli.rendering.summary_tables import markdown_text, tables
    from canvas_events_cli.rendering.tables import csv_text
    from canvas_events_cli.rendering.validation_text import finding_line
    from canvas_events_cli.scrubbing import Scrubber
    from canvas_events_cli.streaming import scrub_spec, validation_spec
    from canvas_events_cli.summary.figures import figures
    from canvas_events_cli.summary.work import tally_records
    from canvas_events_cli.validation import EventChecker, Verdict, compile_checker
    from canvas_events_cli.validation.fast.verdicts import VerdictTypes
    from canvas_events_cli.validation.report import ReportOptions
    from canvas_events_cli.validation.work import validate_records
    from canvas_events_cli.wrappers import unwrap

from rendering.hostile import assert_harmless  # noqa: E402 (after the instrumented imports)


@cache
def checker() -> EventChecker:
    return compile_checker(validation_spec(strict=True, show_values=True))


@cache
def typed() -> tuple[VerdictTypes, EventChecker]:
    spec = validation_spec()
    return VerdictTypes(spec), compile_checker(spec)


def judge(records: list[Record]) -> None:
    """Hold verdicts that types tell to those of the engine, and let it learn from these."""
    types, engine = typed()
    for record in records:
        verdict = engine.check("source", record)
        types.learn(record, verdict)
        line = record.raw.replace(b"\n", b" ") + b"\n"  # between the lines of a value there are only blanks
        told = types.told(Batch(line, 0, len(line), [1], lambda _: (), lambda: ()))
        known = [*told.clean]
        found = known[0].clean if known else types.wrong(record.raw, told.wrong[0], in_any_order=True)
        if found is not None:
            assert said(found) == said(verdict), record


def said(verdict: Verdict) -> object:
    return verdict.event_name, sorted(map(str, (replace(found, line=0) for found in verdict.findings))), verdict[2:]


@cache
def showing() -> list[Callable[[Record], Block | Row]]:
    return [BlockForm(validation_spec(), None, 80).compile(), RowForm(validation_spec(), None).compile()]


@cache
def scrubber() -> Scrubber:
    return Scrubber(scrub_spec(key="key"))


def pieces(data: bytes, size: int) -> list[Record | Malformed]:
    """Frame *data* in pieces of *size* bytes."""
    framer = Framer(4096)
    found = [item for at in range(0, len(data), size) for item in framer.feed(data[at : at + size])]
    return [item for item in [*found, *framer.finish()] if isinstance(item, Record | Malformed)]


def one_input(data: bytes) -> None:
    provider = atheris.FuzzedDataProvider(data)
    size = provider.ConsumeIntInRange(1, 64)
    expression = provider.ConsumeUnicode(24)
    framed = pieces(provider.ConsumeBytes(sys.maxsize), size)
    items = [each for item in framed for each in (unwrap(item) if isinstance(item, Record) else [item])]
    wrapped = [item for item in framed if isinstance(item, Record)]
    records = [item for item in items if isinstance(item, Record)]

    report = validate_records(checker(), "source", items, ReportOptions())
    for finding in report.findings:
        assert_harmless(finding_line(finding))
    for line in map(terminal_json_bytes, map(event_line, records)):
        line.decode()
    for record in [*wrapped[:3], *records[:3]]:
        for form in showing():
            made = form(record)
            assert_harmless(
                "".join(LogLines(()).lines([(made, "source", 1)]))
                if isinstance(made, Row)
                else (made.title + made.rest).decode()
            )
    summary = figures(tally_records(items))
    summary.to_dict()
    markdown_text(summary)
    csv_text(tables(summary))
    query(expression, wrapped)
    for record in wrapped:
        scrub(record._replace(raw=record.json))
    judge(records)


def scrub(record: Record) -> None:
    """Hold what is read of a scrubbed record to what is read of the record."""
    scrubbed = scrubber().scrub(record)
    again = record._replace(raw=scrubbed, value=parse(scrubbed))
    kinds, kinds_again = ([type(event) for event in unwrap(read)] for read in (record, again))
    assert kinds_again == kinds, (record, scrubbed)


def query(expression: str, records: list[Record]) -> None:
    """Hold the fast way of selecting to the plain one."""
    try:
        selection = Selection(where=(parse_condition(expression),))
    except CeventsError:
        return
    wanted, notices = compile_selection(selection), Notices(selection)
    notices.missing.clear()
    path = fast_path(selection, notices)
    data = b"".join(record.raw.replace(b"\n", b" ") + b"\n" for record in records)
    found: list[bytes] = []
    for item in path.read(in_batches(Framer(4096), data)) if path else ():
        decided = item.wanted if isinstance(item, Decided) else None
        found += [record.raw for record in (decided.plainly() if decided else [item]) if decided or _is(wanted, record)]
    plain = [record.raw for record in Framer(4096).feed(data) if _is(wanted, record)]
    assert path is None or found == plain, (expression, records)


def _is(wanted: Callable[[Record], bool], item: object) -> bool:
    return isinstance(item, Record) and wanted(item)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
