"""The tables of a summary, and each format that draws them."""

import copy
import csv
import io
import re

import orjson
import pytest
from summary_example import DOCUMENT, FIGURES, hostile_traffic

from canvas_events_cli.model import Record
from canvas_events_cli.rendering.safe_text import markdown
from canvas_events_cli.rendering.styled import painted, plain
from canvas_events_cli.rendering.summary_answer import answer
from canvas_events_cli.rendering.summary_html import charts, html_text
from canvas_events_cli.rendering.summary_tables import markdown_text, tables
from canvas_events_cli.rendering.summary_text import summary_lines
from canvas_events_cli.rendering.tables import cell_text, csv_text
from canvas_events_cli.summary.figures import Retried, figures
from canvas_events_cli.summary.report import SummaryReport
from canvas_events_cli.summary.work import tally_records
from canvas_events_cli.timestamps import parse_instant

EMPTY = figures(SummaryReport())


def changed():
    """Return figures that can be changed, and what they say of retries."""
    document = copy.deepcopy(DOCUMENT)
    return FIGURES._replace(document=document), document["retry_clone"]


def text(summary, width, draw=plain):
    return "".join(f"{draw(line)}\n" for line in summary_lines(summary, width))


@pytest.mark.parametrize("width", [80, 200])
def test_text(golden, width):
    golden(f"summary_{width}.txt", text(FIGURES, width))


def test_text_in_colours(golden):
    golden("summary_colours.txt", text(FIGURES, 80, painted))


def test_csv(golden):
    golden("summary.csv", csv_text(tables(FIGURES)))


def test_markdown(golden):
    golden("summary.md", markdown_text(FIGURES))


def test_html(golden):
    golden("summary.html", html_text(FIGURES))


def test_the_order_answers_questions():
    sections = [table.section for table in tables(FIGURES)]
    assert sections == [
        "by:metadata.http_method",
        "repeated_assignments",
        "outcomes",
        "target_courses",
        "users",
        "source_courses",
        "domains",
        "context_roles",
        "statuses",
        "timeline",
        "retries",
        "records",
        "event_types",
    ]
    assert [table.section for table in tables(FIGURES, for_people=True)] == sections


def outputs(summary=FIGURES):
    return [text(summary, 500), markdown_text(summary), html_text(summary)]


def test_how_a_retry_ended_is_said_to_be_unknown_only_where_it_is():
    for output in outputs():
        assert output.count("is not known") == 2
        assert "19 retries ended is not known" in output
    known, retry = changed()
    retry["outcomes"]["unknown"] = 0
    for row in retry["repeated_assignments"]:
        row["last_outcome"] = "failed"
    known = known._replace(retried=known.retried._replace(last_outcomes={}))
    for output in outputs(known):
        assert "proves that the cloning had failed before it" in output
        assert "not known" not in output


def test_uuids_stand_only_where_no_numeric_id_is_known():
    retry = DOCUMENT["retry_clone"]
    hidden = [row["original_course_uuid"] for row in retry["top_source_courses"]]
    shown = []
    for rows, known, name in (
        ("top_target_courses", "target_course_id", "new_course_uuid"),
        ("repeated_assignments", "target_assignment_id", "new_assignment_resource_link_id"),
        ("repeated_assignments", "address", "new_course_uuid"),
    ):
        for row in retry[rows]:
            (hidden if row[known] else shown).append(row[name])
    for output in (*outputs(), csv_text(tables(FIGURES))):
        assert [uuid in output for uuid in shown] == [True] * len(shown)
        assert not [uuid for uuid in hidden if uuid not in shown and uuid in output]


def test_the_page_of_an_assignment_can_be_opened():
    address = "https://school.example/courses/565/assignments/345"
    assert f'<a href="{address}" rel="noreferrer">{address}</a>' in html_text(FIGURES).replace("<wbr>", "")
    assert f"| <{address}> |" in markdown_text(FIGURES).replace("&#58;", ":")
    for output in (text(FIGURES, 30), text(FIGURES, 500), csv_text(tables(FIGURES))):
        assert address in output


def test_what_stands_beside_the_figures():
    for output in (*outputs(), csv_text(tables(FIGURES))):
        assert re.search("m.okafor(@|&#64;<!-- -->)school.example", output)
    for output in (" ".join(output.split()) for output in outputs()):
        assert "4 of the events came as quizzes_next_quiz_duplicated" in output
        assert "9 of them redelivered copies of retries, which only the events by type include." in output
        assert "timed out, waits 3 d 18 h" in output
    waiting = {row["waiting_seconds"] for row in csv.DictReader(io.StringIO(csv_text(tables(FIGURES))))}
    assert waiting == {"", "326988", "313596"}


def test_nothing_read():
    assert [table.section for table in tables(EMPTY)] == ["records"]
    assert text(EMPTY, 80) == "No events here.\n"
    assert "<svg" not in html_text(EMPTY)
    assert csv_text(tables(EMPTY)).startswith("section,name,figure\r\nrecords,events,0\r\n")


def captured(*events):
    framed = [Record(1, orjson.dumps(event), event, True) for event in events]
    return figures(tally_records(framed, traffic=True))


def event(name, time, **fields):
    return {"metadata": {"event_name": name, "event_time": f"2024-07-30T{time}Z", **fields}, "body": {}}


def test_nothing_about_retries_where_there_are_none():
    summary = captured(
        event("logged_in", "19:00:00", hostname="a.test", user_id="1"),
        event("logged_in", "19:00:00", hostname="a.test", user_id="1"),
        event("course_created", "20:30:00", hostname="b.test", user_id="2", context_type="Course", context_id="5"),
        event("logged_in", "23:00:00", hostname="b.test", user_id="2"),
    )
    assert text(summary, 200).splitlines() == [
        "4 events of 2 types, from 2024-07-30 19:00 to 2024-07-30 23:00 UTC (4 h), by 2 users in 1 course on 2 hosts. "
        "1 of them",
        "is a redelivered copy, which the counts by type and host include. The longest time without events was "
        "2 h 30 min, from",
        "2024-07-30 20:30 to 2024-07-30 23:00 UTC.",
        "",
        "Hosts",
        "  2  ████████████████████████  a.test",
        "  2  ████████████████████████  b.test",
        "",
        "Events by type",
        "  Times in UTC.",
        "  events  event           per hour  first                last",
        "       3  logged_in           0.75  2024-07-30 19:00:00  2024-07-30 23:00:00",
        "       1  course_created         -  2024-07-30 20:30:00  2024-07-30 20:30:00",
    ]
    for output in (markdown_text(summary), html_text(summary), csv_text(tables(summary))):
        assert "retries" not in output
        assert "redelivered" in output


def retried(count, unresolved, worst=None, last_outcomes=None, **changes):
    known, retry = changed()
    known.document["events"], known.document["malformed"] = 260, 0
    retry.update({"unique": 5, "redelivered": 0, "bad_times": 0, "users": 1, "target_courses": 1, **changes})
    row = worst and {**DOCUMENT["retry_clone"]["repeated_assignments"][0], **worst}
    return " ".join(answer(known._replace(older=0, retried=Retried(count, unresolved, row, last_outcomes or {}))))


ANSWERS = {
    "resolved": (retried(1, 0), "The last retry succeeded: it is resolved."),
    "all resolved": (retried(3, 0), "All of them are resolved."),
    "one of several": (
        retried(3, 1, {"last_outcome": "failed"}),
        "1 is still unresolved: ",
    ),
    "worst": (retried(3, 2, {"last_outcome": "abandoned"}), "unresolved; worst is https://school.example/courses/565/"),
    "all of them": (retried(3, 3, {"last_outcome": "failed"}), "All 3 are still unresolved"),
    "how it ended": (retried(3, 2, {"last_outcome": "abandoned"}), "retried 9 times over 36 s; it was deleted."),
    "none is worse": (retried(3, 2, {"retries": 1}), "2 are still unresolved."),
    "no name": (retried(3, 2), "2 are still unresolved."),
    "some not known": (
        retried(5, 5, {"last_outcome": "failed"}, {"failed": 1, "timed_out": 1, "unknown": 3}),
        "All 5 are still unresolved (1 failed, 1 timed out, 3 not known); worst is ",
    ),
    "none known": (
        retried(3, 3, {"last_outcome": "unknown"}, {"unknown": 3}),
        "UTC. How the last retry of each ended is not known, as no assignment_updated event here tells; worst is "
        "https://school.example/courses/565/assignments/345, retried 9 times over 36 s.",
    ),
    "the others are resolved": (
        retried(3, 2, {"retries": 1}, {"unknown": 2}),
        "1 is resolved; how the last retry of the other 2 ended is not known, as no assignment_updated event here ",
    ),
    "the only one": (
        retried(1, 1, {"retries": 1, "last_outcome": "failed"}, {"failed": 1}),
        "1 is still unresolved: https://school.example/courses/565/assignments/345; the last retry failed.",
    ),
    "of the only one not known": (
        retried(1, 1, {"retries": 1, "last_outcome": "unknown"}, {"unknown": 1}),
        "How the last retry ended is not known, as no assignment_updated event here tells: https://school.example/",
    ),
    "no copies": (retried(3, 0, events=251), "In all, there are 260 events of 3 types."),
    "a user": (retried(3, 2, top_users=[{"user_id": "7"}]), "were retried 5 times by user 7 in 1 course, from 2024-"),
    "users": (retried(3, 2, users=9), "were retried 5 times by 9 people in 1 course"),
}


@pytest.mark.parametrize(("told", "expected"), ANSWERS.values(), ids=ANSWERS)
def test_the_answer_comes_first(told, expected):
    assert expected in told


def test_every_figure_is_in_every_format():
    figures = [cell for table in tables(FIGURES) for row in table.rows for cell in row if isinstance(cell, int)]
    cells = {cell for row in csv.reader(io.StringIO(csv_text(tables(FIGURES)))) for cell in row}
    assert {str(figure) for figure in figures} <= cells
    shown = {
        cell_text(cell, c.kind)
        for t in tables(FIGURES)
        for row in t.rows
        for c, cell in zip(t.columns, row, strict=True)
    }
    for output in (markdown_text(FIGURES), html_text(FIGURES).replace("<wbr>", "")):
        assert not [figure for figure in shown if markdown(figure) not in output and figure not in output]


def test_shortened_values_are_said_to_be():
    notes = {table.section: table.note for table in tables(FIGURES)}
    assert notes["target_courses"] == "The first 4 of 31 target courses."
    assert notes["by:metadata.http_method"] == "The first 2 of 5 values."
    assert notes["users"] == ""


def test_csv_leaves_numbers_and_times_to_machines():
    rows = list(csv.DictReader(io.StringIO(csv_text(tables(FIGURES)))))
    repeated = next(row for row in rows if row["section"] == "repeated_assignments")
    assert (repeated["retries"], repeated["over_seconds"]) == ("9", "36")
    assert repeated["first"] == "2024-07-28T06:00:00.000Z"
    assert [row["name"] for row in rows if row["section"].startswith("by:")] == ["GET", "POST", "(none)"]


ESCAPED = {
    "names as they are": ("outcomes.retry_outcome_alignment_clone", "outcomes.retry_outcome_alignment_clone"),
    "times as they are": ("2024-07-30 19:04:35", "2024-07-30 19:04:35"),
    "cells": ("a|b", "a&#124;b"),
    "tags": ("<b>", "&#60;b&#62;"),
    "emphasis": ("_a_ *b* ~c~", "&#95;a&#95; &#42;b&#42; &#126;c&#126;"),
    "links": ("[a](b)", "&#91;a&#93;(b)"),
    "addresses": ("http://x www.y", "http&#58;//x www&#46;y"),
    "mentions": ("@all", "&#64;<!-- -->all"),
    "emoji": (":smile: :100:", "&#58;smile: &#58;100:"),
    "line feeds": ("a\nb", "a&#92;nb"),
}


@pytest.mark.parametrize(("plain", "expected"), ESCAPED.values(), ids=ESCAPED)
def test_escaped_for_markdown(plain, expected):
    assert markdown(plain) == expected


def test_charts_need_nothing_from_anywhere():
    drawings = charts(FIGURES)
    assert [title.split(" (")[0] for title in drawings] == [
        "Retries over time",
        "How the retries ended",
        "Retries by target course",
        "States of the target assignments",
    ]
    for markup in drawings.values():
        assert not re.search(r"<(style|script|image|use|a|foreignObject)\b|style=|href=|url\(|@import| id=", markup)


def test_the_state_that_all_retries_have_is_no_news():
    summary, retry = changed()
    retry["statuses"] = {"outcome_alignment_cloning": 251}
    assert "States of the target assignments" not in charts(summary)
    assert "statuses" not in [table.section for table in tables(summary, for_people=True)]


def test_courses_with_the_same_id_are_as_many_bars():
    summary, retry = changed()
    for course in retry["top_target_courses"]:
        course["target_course_id"] = "5"
    assert charts(summary)["Retries by target course"].count("<span>5</span>") == 4


def test_bars_are_as_long_as_counts_are_large():
    summary, retry = changed()
    retry["statuses"] = {"most": 400, "half": 200, "a trace": 1}
    markup = charts(summary)["States of the target assignments"]
    widths = re.findall('<rect x="0.00%" width="(.*?)%"', markup)
    assert widths == ["100.00", "50.00", "0.30"]


NUMBERS = {
    "one": (1, ["0", "1"]),
    "few": (3, ["0", "1", "2", "3"]),
    "some": (7, ["0", "2", "4", "6", "8"]),
    "hundreds": (999, ["0", "500", "1,000"]),
    "millions": (1_234_567, ["0", "500,000", "1,000,000", "1,500,000"]),
}


@pytest.mark.parametrize(("largest", "numbers"), NUMBERS.values(), ids=NUMBERS)
def test_times_have_24_hours_and_counts_are_whole(largest, numbers):
    summary, retry = changed()
    counts = [("2024-07-28T06:00:00.000Z", largest), ("2024-07-28T18:00:00.000Z", 1)]
    retry["timeline"]["counts"] = [{"start": parse_instant(start), "retries": count} for start, count in counts]
    svg = charts(summary)["Retries over time (UTC)"]
    assert re.findall('text-anchor="end">([\\d,]+)</text>', svg) == numbers
    assert re.findall("<text.*>(.*:.*)</text>", svg) == ["06:00", "12:00", "18:00"]
    assert re.findall("<title>(.*)</title>", svg) == [f"2024-07-28 06:00: {largest:,}", "2024-07-28 18:00: 1"]
    assert [x for x in map(float, re.findall(r'(?:x\d?|width)="([\d.]+)%"', svg)) if not 0 <= x <= 100] == []


def test_without_retries_the_charts_are_of_events_over_time():
    drawings = charts(hostile_traffic("<b>"))
    assert [*drawings] == ["Events over time (UTC)", "The same by type"]
    titles = [re.findall("<title>(.*?)</title>", markup) for markup in drawings.values()]
    assert titles[0] == ["1970-01-01 00:00: 5", "1970-01-01 01:00: 2", "1970-01-01 05:00: 1"]
    assert sorted(titles[1]) == sorted(titles[0])
    assert re.findall("<span>(.*?)</span> <strong>(.*?)</strong>", drawings["The same by type"]) == [
        ("&lt;b&gt;", "6"),
        ("other", "2"),
    ]


def test_the_page_may_run_and_load_nothing():
    page = html_text(FIGURES)
    policy = re.search('http-equiv="Content-Security-Policy" content="(.*?)"', page)[1]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    links = re.findall(r'<a href="https://school\.example/', page)
    assert len(re.findall(r'(?:src|href)="(?!data:,)', page)) == len(links)
