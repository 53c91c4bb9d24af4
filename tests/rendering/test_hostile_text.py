"""Every renderer against every hostile string, in values and in keys."""

import csv
import html
import io
import json
import re
from datetime import UTC

import pytest
from hostile import HOSTILE, assert_harmless
from markdown_it import MarkdownIt
from rich.cells import cell_len
from summary_example import hostile_figures, hostile_traffic

from canvas_events_cli.model import Finding, Malformed, Record, Wrapping
from canvas_events_cli.rendering.event_bytes import json_array, ndjson_lines
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.show import BlockForm, Blocks
from canvas_events_cli.rendering.show_table import COLUMNS, EventTable, LogLines, RowForm, malformed_row
from canvas_events_cli.rendering.styled import plain
from canvas_events_cli.rendering.summary_html import html_text
from canvas_events_cli.rendering.summary_tables import markdown_text, tables
from canvas_events_cli.rendering.summary_text import summary_lines
from canvas_events_cli.rendering.tables import csv_text
from canvas_events_cli.streaming import validation_spec
from canvas_events_cli.validation import Verdict

WIDTHS = (30, 80, 20_000)

at_width = pytest.mark.parametrize("width", WIDTHS)


def hostile_event(text):
    names = ("event_name", "event_time", "user_login", "context_type", "context_id", "hostname", "context_role")
    value = {"metadata": dict.fromkeys(names, text), "body": {"status": text, text: {"deeper": [text]}}, text: text}
    return Record(1, json.dumps(value, ensure_ascii=False).encode(), value, True)


@at_width
@pytest.mark.parametrize("brief", [False, True])
def test_block(width, brief):
    for text in HOSTILE.values():
        event = hostile_event(text)._replace(wrapping=Wrapping(text, b"{}", lambda text=text: ((text, text),)))
        pointers = ("", "/body/status", "/body/missing", f"/nowhere/{text}")
        findings = [Finding(text, 1, text, "body", "type", pointer, text) for pointer in pointers]
        blocks = Blocks(BlockForm(validation_spec(), UTC, width, brief=brief))
        output = blocks.placed(blocks.event(event, Verdict(text, tuple(findings))), text, 1).decode()
        assert_harmless(output)
        if width == max(WIDTHS):
            assert visible(text) in output


@at_width
def test_malformed_block(width):
    for text in HOSTILE.values():
        blocks = Blocks(BlockForm(validation_spec(), UTC, width))
        assert_harmless(blocks.placed(blocks.malformed(Malformed(1, text.encode() + b"\xff", text)), text, 1).decode())


@at_width
@pytest.mark.parametrize("fields", [None, ("event_name", "body", "status")])
def test_lines_and_table(width, fields):
    form = RowForm(validation_spec(), UTC, fields)
    row_of = form.compile()
    for text in HOSTILE.values():
        rows = [
            (row_of(hostile_event(text)), text, 1),
            (malformed_row(Malformed(1, b"", text), COLUMNS), text, 2),
        ]
        rows = rows[:1] if fields else rows
        output = "".join(f"{line}\n" for line in EventTable([text, *form.columns[1:]], width).lines(rows))
        assert_harmless(output)
        assert len(output.splitlines()) == len(rows) + 1
        for cells_of_line in (width, None):
            lines = "".join(f"{line}\n" for line in LogLines(form.columns, cells_of_line).lines(rows))
            assert_harmless(lines)
            assert len(lines.splitlines()) == len(rows)


def test_json_on_a_terminal():
    for text in HOSTILE.values():
        record = hostile_event(text)
        array, line = (b"".join(form([[record.raw]], on_terminal=True)) for form in (json_array, ndjson_lines))
        assert json.loads(array) == [record.value]
        assert json.loads(line) == record.value
        for output in (array, line):
            assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", output.decode())


of_any_capture = pytest.mark.parametrize("figures_with", [hostile_figures, hostile_traffic], ids=["retries", "traffic"])


@at_width
@of_any_capture
def test_summary_text(width, figures_with):
    for text in HOSTILE.values():
        output = "".join(f"{plain(line)}\n" for line in summary_lines(figures_with(text), width))
        assert_harmless(output)
        assert max(cell_len(line) for line in output.splitlines()) <= max(width, 80)


@of_any_capture
def test_summary_csv(figures_with):
    for text in HOSTILE.values():
        output = csv_text(tables(figures_with(text)))
        assert_harmless(output.replace("\r\n", "\n"))
        header, *rows = csv.reader(io.StringIO(output))
        assert {len(row) for row in rows} == {len(header)}
        cells = [cell for row in rows for cell in row]
        assert visible(text) in {cell.removeprefix("'") for cell in cells}
        assert not [cell for cell in cells if re.match(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r]", cell)]


@of_any_capture
def test_summary_markdown(figures_with):
    for text in HOSTILE.values():
        source = markdown_text(figures_with(text))
        assert_harmless(source)
        page = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(source)
        assert set(re.findall(r"<([a-z0-9]+)", page)) <= {"h1", "h2", "p", "table", "thead", "tbody", "tr", "th", "td"}
        cells = [html.unescape(cell.replace("<!-- -->", "")) for cell in re.findall("<td.*?>(.*?)</td>", page)]
        assert visible(text).strip() in cells
        assert not re.search(r"@\w|www\.", source)


@of_any_capture
def test_summary_html(figures_with):
    plain = html_text(figures_with("plain")).replace("<wbr>", "")
    for text in HOSTILE.values():
        page = html_text(figures_with(text)).replace("<wbr>", "")
        assert_harmless(page)
        assert tags(page) == tags(plain)
        assert visible(text) in html.unescape(page)


def tags(page):
    """Return every tag with its attributes, but for the one id that holds the name of a field."""
    return [re.sub('id="by:.*"', "", tag) for tag in re.findall(r"<[^>]*>", page)]
