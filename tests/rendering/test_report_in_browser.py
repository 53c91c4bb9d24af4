"""The HTML report in headless Chromium."""

import html
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hostile import HOSTILE
from in_process import cevents
from summary_example import FIGURES, hostile_figures

from canvas_events_cli.catalog import load_catalog
from canvas_events_cli.rendering.safe_text import visible
from canvas_events_cli.rendering.summary_html import charts, html_text
from canvas_events_cli.rendering.summary_tables import tables
from canvas_events_cli.rendering.tables import cell_text

pytestmark = pytest.mark.slow

SAMPLES = Path(__file__).parents[2] / "samples"

_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--virtual-time-budget=2000",
]


@pytest.fixture
def browser(tmp_path):
    """Return a function that has the browser do something with a page, and returns what it wrote and logged."""
    chromium = shutil.which("chromium") or pytest.skip("chromium is not installed")

    def open_page(page, *what):
        path = tmp_path / "report.html"
        path.write_text(page, encoding="utf-8")
        command = [chromium, *_FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *what, path.as_uri()]
        run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
        return run.stdout, [line for line in run.stderr.splitlines() if "CONSOLE" in line]

    return open_page


@pytest.fixture
def opened(browser):
    """Return a function that opens a page, and returns its document as the browser has it and what it logged."""
    return lambda page: browser(page, "--dump-dom")


def table_texts(page):
    """Return the cells of every table in *page*, row by row."""
    bodies = re.findall("<tbody>(.*?)</tbody>", page, re.DOTALL)
    rows = [re.findall("<tr>(.*?)</tr>", body, re.DOTALL) for body in bodies]
    # A cell may be a link to the address that it shows.
    return [
        [
            [html.unescape(re.sub("</?(?:a|wbr)\\b[^>]*>", "", cell)) for cell in re.findall("<td.*?>(.*?)</td>", row)]
            for row in table
        ]
        for table in rows
    ]


def expected_texts(figures):
    return [
        [
            [visible(cell_text(cell, column.kind)) for cell, column in zip(row, table.columns, strict=True)]
            for row in table.rows
        ]
        for table in tables(figures, for_people=True)
        if table.title not in charts(figures) or len(table.rows) > 12
    ]


def test_shows_the_figures_of_the_summary(opened):
    page, console = opened(html_text(FIGURES))
    assert console == []
    assert table_texts(page) == expected_texts(FIGURES)
    assert page.count("<figure>") == 4
    assert page.count("</rect>") > 50


@pytest.mark.parametrize("name", ["script", "image", "closing tags", "attribute", "html comment"])
def test_hostile_text_is_text(opened, name):
    figures = hostile_figures(HOSTILE[name])
    page, console = opened(html_text(figures))
    assert console == []
    assert table_texts(page) == expected_texts(figures)
    assert not re.search(r"<(script|img|b)\b", page)


CUT_OFF = """<script>document.body.id = [...document.querySelectorAll(".wide")].filter(
  each => each.scrollWidth > each.clientWidth).map(each => each.parentElement.id)</script>"""


@pytest.mark.parametrize("width", [500, 760, 780, 800, 1000, 1150, 1160])
def test_no_column_is_out_of_sight(browser, width):
    page = cevents("summarize", "-o", "html", str(SAMPLES / "retries.ndjson")).stdout.decode()
    page = re.sub('<meta http-equiv="Content-Security-Policy".*?>', "", page)  # which lets no script run
    shown, _ = browser(page + CUT_OFF, f"--window-size={width},900", "--hide-scrollbars", "--dump-dom")
    assert re.findall('<body id="(.*?)"', shown) == [""]


def test_a_long_report_prints_on_two_pages(browser, tmp_path):
    retries = (SAMPLES / "retries.ndjson").read_text()
    capture, pdf = tmp_path / "capture.ndjson", tmp_path / "report.pdf"
    names = sorted(load_catalog().bodies)
    others = [{"metadata": {"event_name": name, "event_time": "2024-09-04T07:00:00Z"}, "body": {}} for name in names]
    capture.write_text(retries + "".join(f"{json.dumps(event)}\n" for event in others))
    browser(cevents("summarize", "-o", "html", str(capture)).stdout.decode(), f"--print-to-pdf={pdf}")
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 2
