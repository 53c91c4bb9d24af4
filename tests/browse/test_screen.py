"""What stands on the screen, and what keys do there."""

import json
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
from browse.conftest import Screen
from browse.looking import SAMPLES, looking_at
from rendering.hostile import HOSTILE, assert_harmless
from rich.text import Text
from textual.widgets import OptionList

from canvas_events_cli import validate
from canvas_events_cli.browsing import index, indexing, store
from canvas_events_cli.browsing.screen import event_list, event_view
from canvas_events_cli.browsing.screen.app import BrowseApp
from canvas_events_cli.browsing.screen.asking import MOST_VALUES
from canvas_events_cli.browsing.screen.dialogs import Dialog
from canvas_events_cli.browsing.screen.event_view import LinesView
from canvas_events_cli.browsing.screen.keys import KEYS
from canvas_events_cli.browsing.screen.terminal import first_screen
from canvas_events_cli.browsing.session import Session
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.query.expressions import parse_condition
from canvas_events_cli.same_event import event_name, event_time

Golden = Callable[[str, str], None]
Playing = Callable[..., Any]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (160, 30)])
def test_first_screen(play: Playing, golden: Golden, width: int, height: int) -> None:
    async def do(screen: Screen) -> None:
        golden(f"first_{width}.txt", screen.text())

    play(looking_at("mistakes.ndjson"), do, width, height)


@pytest.mark.parametrize(("width", "height", "no_color"), [(80, 24, ""), (160, 30, "1"), (20, 5, "")])
def test_what_is_drawn_first_stays(
    play: Playing, monkeypatch: pytest.MonkeyPatch, width: int, height: int, no_color: str
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)

    async def do(screen: Screen) -> None:
        app = screen.app
        lines = first_screen(app.session, app.lines, width, height).split("\r\n")
        assert len(lines) == height
        assert ("\x1b[35m" in lines[1]) != bool(no_color)
        list_width = app.event_list.scrollable_content_region.width
        drawn = [Text.from_ansi(line).plain.rstrip() for line in lines]
        count = app.event_list.size.height
        assert drawn[:count] == [line[:list_width].rstrip() for line in screen.lines[:count]]

    play(looking_at("mistakes.ndjson"), do, width, height)


def test_moving(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        where = []
        for key in ("down", "j", "up", "end", "pageup", "home", "pagedown", "k", "G", "g"):
            await screen.press(key)
            where.append(screen.app.event_list.cursor)
        page = screen.app.event_list.size.height - 1
        assert where == [1, 2, 1, 45, 45 - page, 0, page, page - 1, 45, 0]
        await screen.press("end")
        assert "46 of 46" in screen.lines[-1]
        assert "mistakes.ndjson:47" in screen.text()

    play(looking_at("mistakes.ndjson"), do)


def test_a_malformed_record_is_a_row_that_opens(play: Playing, tmp_path: Path) -> None:
    event = (SAMPLES / "mixed.ndjson").read_bytes().splitlines()[0]
    (tmp_path / "x.ndjson").write_bytes(event + b"\n{broken \x1b[31m\n" + event + b"\n")

    async def do(screen: Screen) -> None:
        assert screen.lines[1].startswith("✗ ")
        await screen.press("down")
        assert any("malformed" in line for line in screen.lines[2:])
        assert r"{broken \x1b[31m" in screen.text()

    play(looking_at(tmp_path / "x.ndjson"), do)


@pytest.mark.parametrize(("width", "other"), [(160, 70)])
def test_a_size_that_changes_is_laid_out_at_once(play: Playing, width: int, other: int) -> None:
    async def do(screen: Screen) -> None:
        await screen._pilot.resize_terminal(other, 24)
        await screen.settle()
        resized.append(screen.text())

    async def look(screen: Screen) -> None:
        resized.append(screen.text())

    resized: list[str] = []
    play(looking_at("mistakes.ndjson"), do, width, 24)
    play(looking_at("mistakes.ndjson"), look, other, 24)
    assert resized[0] == resized[1]


def test_what_cannot_be_read_stays_in_the_last_line(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("down")
        screen.app.clear_notifications()
        await screen.settle()
        assert "nope.ndjson: no such file" in screen.lines[-1]

    app = play(looking_at("mixed.ndjson", "nope.ndjson"), do)
    assert len(app.session.told) == 1


@pytest.mark.parametrize(("key", "code"), [("q", None), ("ctrl+c", 130)])
def test_leaving(play: Playing, key: str, code: int | None) -> None:
    async def do(screen: Screen) -> None:
        await screen._pilot.press(key)

    assert play(looking_at("mixed.ndjson"), do).return_value == code


def shown_names(screen: Screen) -> list[str]:
    session = screen.app.session
    listing = screen.app.event_list.listing
    rows = [session.index.row(listing[place]) for place in range(len(listing))]
    return [event_name(row.value) or "" if isinstance(row, Record) else "malformed" for row in rows]


def test_conditions(play: Playing, golden: Golden) -> None:
    async def do(screen: Screen) -> None:
        everything = shown_names(screen)
        await screen.type("/event_name = assignment_u")
        golden("suggestions.txt", "\n".join(screen.lines[-3:]) + "\n")
        await screen.press("tab", "enter")
        assert set(shown_names(screen)) == {"assignment_updated"}
        assert "event_name = assignment_updated" in screen.lines[-1]
        await screen.type("+workflow_state = unpublished", "enter")
        assert len(shown_names(screen)) == 1
        await screen.press("escape")
        assert len(shown_names(screen)) > 1
        await screen.press("/", *["backspace"] * 40, "enter")
        assert shown_names(screen) == everything

    play(looking_at("retry-story.ndjson"), do)


@pytest.mark.parametrize(
    ("typed", "line"),
    [("status and x = 1", "^ "), ("user_login ~ (", "^ ")],
)
def test_mistakes_are_told_under_the_caret_as_one_types(play: Playing, typed: str, line: str) -> None:
    async def do(screen: Screen) -> None:
        await screen.type(f"/{typed}")
        with pytest.raises(CeventsError) as error:
            parse_condition(typed)
        what, _, caret = error.value.args
        assert screen.lines[-3] == f"where {typed}"
        at = screen.lines[-2].index(line)
        assert at == len("where ") + len(caret) - 3
        assert what.startswith(screen.lines[-2][at + 2 :].rstrip("…"))
        await screen.press("enter")  # it stays
        assert screen.lines[-3] == f"where {typed}"
        await screen.press("escape")
        assert screen.app.focused is screen.app.event_list

    play(looking_at("retry-story.ndjson"), do, 120)


def test_matches_among_all(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        await screen.type("/event_name ~ retry", "enter")
        await screen.press("down", "f")
        assert len(screen.app.event_list.listing) == 16
        rows = []
        for key in ("n", "n", "N", "n", "n", "n", "n", "n"):
            await screen.press(key)
            rows.append(screen.app.event_list.cursor)
        assert rows == [7, 11, 7, 11, 12, 15, 15, 15]
        assert "6 of them meet" in screen.lines[-1]
        await screen.press("home")
        assert "dim" in screen.style(0, 30)
        assert "dim" not in screen.style(2, 30)
        await screen.press("end", "f")
        assert screen.app.event_list.row == 15

    play(looking_at("retry-story.ndjson"), do)


def test_findings(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        rows = []
        for key in ("e", "e", "E", "E", "end", "E", "e"):
            await screen.press(key)
            rows.append(screen.app.event_list.cursor)
        assert rows == [1, 2, 1, 1, 45, 42, 45]

    play(looking_at("mistakes.ndjson"), do)


def test_what_is_wrong_with_a_finding_is_in_sight(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        for key in ("e", "e", "e"):
            await screen.press(key)
            _, *below = screen.text().partition("──")[2].splitlines()[1:]
            assert "✗" in "".join(below)

    play(looking_at("mistakes.ndjson"), do, 80, 20)


def test_escape_puts_away_what_is_told_first(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        await screen.type("/event_name ~ retry", "enter")
        await screen.press("home", "E")
        assert screen.told()
        await screen.press("escape")
        assert (screen.told(), screen.app.wanted.where) == ("", ("event_name ~ retry",))
        await screen.press("escape")
        assert not screen.app.wanted.where

    play(looking_at("retry-story.ndjson"), do)


def test_keys_are_told_whole_on_any_screen(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("?")
        view = screen.app.screen.query_one(LinesView)
        lines = [Text.from_ansi(line).plain for line in view.lines]
        assert max(map(len, lines)) <= view.scrollable_content_region.width
        told = " ".join(" ".join(lines).split())
        assert all(key.does in told for key in KEYS)

    play(looking_at("mixed.ndjson"), do, 80, 50)


def test_names_that_are_cut_do_not_read_alike(play: Playing, tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    event = json.loads((SAMPLES / "mixed.ndjson").read_bytes().splitlines()[0])
    names = ["assignment_created", "assignment_updated", "course_completed", "course_created", "course_updated"]
    lines = [event | {"metadata": event["metadata"] | {"event_name": name}} for name in names]
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    async def do(screen: Screen) -> None:
        columns = [line.split("│")[0].split("Z  ")[1].split("  ")[0] for line in screen.lines[:5]]
        ends = [(column.partition("…")[0], column.rpartition("…")[2]) for column in columns]
        alike = [[name for name in names if name.startswith(head) and name.endswith(tail)] for head, tail in ends]
        assert alike == [[name] for name in names]

    play(looking_at(path), do, 120)


@pytest.mark.parametrize(
    ("condition", "hint"),
    [("user_idd = 1", "did you mean 'user_id'"), ("user_id = nobody", ""), ("body.own = 2", "")],
)
def test_a_field_that_occurs_nowhere_is_told(play: Playing, tmp_path: Path, condition: str, hint: str) -> None:
    event = json.loads((SAMPLES / "mixed.ndjson").read_bytes().splitlines()[0])
    event["body"]["own"] = 1
    path = tmp_path / "x.ndjson"
    path.write_text(json.dumps(event) + "\n")

    async def do(screen: Screen) -> None:
        await screen.type(f"/{condition}", "enter")
        assert screen.lines[-1].startswith(" no event · ")
        assert (hint or condition) in screen.lines[-1]
        assert ("no event that was read has this field, and no schema" in screen.told()) == bool(hint)
        screen.app.clear_notifications()
        await screen.press("escape")
        assert "1 of 1" in screen.lines[-1]

    play(looking_at(path), do)


def test_about_an_object(play: Playing, golden: Golden) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("down", "down", "a")
        golden("objects.txt", screen.text())
        await screen.press("enter")
        assert "course:21070000000000571" in screen.lines[-1]
        assert screen.app.event_list.row == 2
        before = len(shown_names(screen))
        await screen.press("escape")
        assert before < len(shown_names(screen))

    play(looking_at("retry-story.ndjson"), do)


def test_order_and_copies(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("down", "down", "o")
        rows = [screen.app.event_list.listing[place] for place in range(16)]
        times = [str(event_time(screen.app.session.index.row(row).value)) for row in rows]
        assert times == sorted(times)
        assert screen.app.event_list.row == 2
        await screen.press("u")
        assert len(screen.app.event_list.listing) == 15
        assert "by time · without copies" in screen.lines[-1]
        await screen.press("o")
        assert [screen.app.event_list.listing[place] for place in range(15)] == [*range(15)]

    play(looking_at("retry-story.ndjson"), do)


def test_going_to_a_time(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        await screen.type("tsoon")
        assert "soon" in screen.lines[-2]
        await screen.press("escape")
        for time, row in (("2024-09-05T09:24:17Z", 5), ("2024-09-05 09:48", 9), ("2024-09-06", 9)):
            await screen.type(f"t{time}", "enter")
            assert screen.app.event_list.cursor == row
        assert "no event so late" in screen.told()

    play(looking_at("retry-story.ndjson"), do)


def test_the_story_of_a_retry(play: Playing, golden: Golden) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("down", "down", "r")
        golden("story.txt", screen.text())
        await screen.press("escape")
        await screen.press("home", "r")
        assert "no retry" in screen.text()

    play(looking_at("retry-story.ndjson"), do, 120, 30)


def test_copying(play: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("y")
        await screen.press("enter")
        row = screen.app.session.index.row(0)
        assert screen.app.clipboard == row.raw.decode()
        await screen.press("y")
        await screen.press("down", "j", "k", "enter")
        assert screen.app.clipboard == event_name(row.value)

    play(looking_at("mixed.ndjson"), do)


def test_writing(play: Playing, tmp_path: Path) -> None:
    lines = (SAMPLES / "retry-story.ndjson").read_bytes().splitlines(keepends=True)
    path, source = tmp_path / "out.ndjson", tmp_path / "in.ndjson"
    source.write_bytes(b"".join(lines) + b"broken\n")

    async def do(screen: Screen) -> None:
        await screen.type("/event_name ~ retry", "enter")
        await screen.press("o")
        await screen.type(f"w{path}", "enter")
        await screen.until(path.exists)
        expected = [line for line in lines if b"retry_outcome" in line]
        assert sorted(path.read_bytes().splitlines(keepends=True)) == sorted(expected)
        for other in (path, source):
            before = other.read_bytes()
            await screen.type(f"w{other}", "enter")
            assert other.read_bytes() == before
        await screen.until(lambda: "which is read" in screen.told())
        assert {entry.name for entry in tmp_path.iterdir()} == {"in.ndjson", "out.ndjson"}

    play(looking_at(source), do)


def test_all_keys_are_told(play: Playing, golden: Golden) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("?")
        golden("keys.txt", screen.text())

    play(looking_at("mixed.ndjson"), do, 100, 34)
    actions = {key.action.partition("(")[0] for key in KEYS}
    assert [action for action in actions if not hasattr(BrowseApp, f"action_{action}")] == []


@pytest.mark.parametrize("width", [20, 119, 200])
def test_any_width(play: Playing, width: int) -> None:
    async def do(screen: Screen) -> None:
        await screen.press("e", "?", "escape", "a", "escape", "y", "escape", "/", "x", "escape")
        assert all(len(line) <= width for line in screen.lines)

    play(looking_at("mistakes.ndjson"), do, width, 12)


def test_hostile_texts_stay_text(play: Playing, tmp_path: Path) -> None:
    path = tmp_path / "x.ndjson"
    example = json.loads((SAMPLES / "mixed.ndjson").read_bytes().splitlines()[3])
    with path.open("w") as file:
        texts = [*HOSTILE.values()]
        for name, login, time in zip_longest(texts[::3], texts[1::3], texts[2::3], fillvalue=""):
            envelope = example["metadata"] | {"event_name": name, "user_login": login, "event_time": time}
            file.write(json.dumps({"metadata": envelope, "body": {}}) + "\n")
        body = {text: text for text in texts}
        file.write(json.dumps(example | {"body": body | {"account_id": texts[0]}}) + "\n")
        file.write("\n".join(texts))

    async def do(screen: Screen) -> None:
        for keys in (["a"], ["escape", "pagedown"], ["y"], ["down", "enter"], ["pagedown"], ["end"]):
            await screen.press(*keys)
            assert_harmless(screen.text())
        await screen.press("home", *["down"] * -(-len(HOSTILE) // 3))
        assert len(screen.app.event_view.lines) > len(HOSTILE) / 2
        for keys in ([], ["right"], ["right"], ["y"]):
            await screen.press(*keys)
            assert_harmless(screen.text())

    play(looking_at(path), do, 120, 50)


def test_a_file_that_goes_is_told(play: Playing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.ndjson"
    path.write_bytes((SAMPLES / "mixed.ndjson").read_bytes() * 20)

    async def do(screen: Screen) -> None:
        path.unlink()
        screen.app.session.index._kept.clear()
        await screen.press("end")
        assert "cannot read: No such file" in " ".join(screen.text().split())
        path.write_bytes(b"{}\n")
        screen.app.session.index._kept.clear()
        await screen.type("/user_id = 1", "enter")
        assert screen.app.session.failure is None
        told = " ".join(screen.text().replace("▌", "").split())
        assert "is shorter than it was" in told or "was replaced" in told

    play(looking_at(path), do)


def test_without_colours(play: Playing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def do(screen: Screen) -> None:
        await screen.press("down")
        strips = screen.app.screen._compositor.render_strips()
        styles = [segment.style for strip in strips for segment in strip if segment.style]
        assert {str(colour.name) for style in styles for colour in (style.color, style.bgcolor) if colour} <= {
            "default"
        }
        assert "reverse" in screen.style(1, 0)

    play(looking_at("mistakes.ndjson"), do)


def test_a_bug_is_raised_without_what_variables_hold(
    play: Playing, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(BrowseApp, "action_move", lambda app, places: 1 / 0)

    async def do(screen: Screen) -> None:
        await screen.press("j")

    with pytest.raises(ZeroDivisionError):
        play(looking_at("mixed.ndjson"), do)
    assert "locals" not in capsys.readouterr().err


@pytest.mark.parametrize(("opens", "leaves"), [("a", "enter"), ("y", "escape")])
def test_a_key_that_leaves_a_dialog_may_be_pressed_twice(play: Playing, opens: str, leaves: str) -> None:
    async def do(screen: Screen) -> None:
        await screen.press(opens)
        dialog = screen.app.screen
        assert isinstance(dialog, Dialog)
        for _ in range(2):  # both are on their way to the dialog
            if leaves == "enter":
                dialog.query_one(OptionList).action_select()
            else:
                dialog.action_leave()
        await screen.settle()
        assert screen.app.screen is screen.app.screen_stack[0]

    play(looking_at("mixed.ndjson"), do)


def test_keys_go_to_somebody_wherever_one_clicks(play: Playing) -> None:
    async def do(screen: Screen) -> None:
        screen.app.screen.set_focus(None)  # as a click beside the screen does
        await screen.press("down")
        assert screen.app.event_list.cursor == 1
        await screen.press("/", "x")
        screen.app.screen.set_focus(None)
        await screen.press("y")
        assert screen.app.prompt.line.value == "xy"
        screen.app.event_list.focus()
        await screen.press("down")
        assert (screen.app.prompt.display, screen.app.event_list.cursor) == (False, 2)

    play(looking_at("mixed.ndjson"), do)


@pytest.mark.parametrize("before", [[], ["/", *"user_id", "enter"], ["o"]], ids=["all", "some", "by time"])
def test_findings_in_the_order_of_the_list(
    play: Playing, monkeypatch: pytest.MonkeyPatch, before: list[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(indexing, "_SEGMENT_BYTES", 2000)
    path = tmp_path / "mistakes.ndjson"
    path.write_bytes(b"".join((SAMPLES / "mistakes.ndjson").read_bytes().splitlines(keepends=True)[:6]))
    wrong = {location.line for location in validate(path).findings}

    async def do(screen: Screen) -> None:
        await screen.press(*before)
        listing, index = screen.app.event_list.listing, screen.app.session.index
        lines = [index.row(listing[place]).line for place in range(len(listing))]
        expected = [place for place, line in enumerate(lines) if line in wrong]
        for start, key, ahead in (("home", "e", expected), ("end", "E", expected[::-1])):
            await screen.press(start)
            here, found = screen.app.event_list.cursor, []
            for _ in expected:
                await screen.press(key)
                found.append(screen.app.event_list.cursor)
            ahead = [place for place in ahead if place != here]
            assert found == ahead + ahead[-1:] * (len(expected) - len(ahead))
        await screen.press(*["E"] * len(expected))
        assert "nothing wrong before this event" in screen.told()

    play(looking_at(path), do)


@pytest.mark.parametrize(("before", "row"), [(["/", *"event_name ~ retry", "enter"], 5), (["o"], 6)])
def test_going_to_a_time_in_any_list(
    play: Playing, monkeypatch: pytest.MonkeyPatch, before: list[str], row: int
) -> None:
    monkeypatch.setattr(indexing, "_SEGMENT_BYTES", 2000)

    async def do(screen: Screen) -> None:
        await screen.press(*before)
        await screen.type("t2024-09-05T09:24:17Z", "enter")
        assert screen.app.event_list.row == row

    play(looking_at("retry-story.ndjson"), do)


@pytest.mark.parametrize("key", ["e", "escape"])
def test_any_key_ends_what_is_looked_for(play: Playing, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setattr(Session, "_is_complete", lambda session, listing: False)
    told = "looking …"

    async def do(screen: Screen) -> None:
        await screen._pilot.press("end", "e")
        await screen.until(lambda: told in screen.text())
        await screen._pilot.press(key, "home")
        await screen.until(lambda: told not in screen.text())
        assert "nothing wrong" not in screen.told()
        await screen._pilot.press("t", *"2030-01-01", "enter")
        await screen.until(lambda: told in screen.text())  # and q does not wait for it

    play(looking_at("mixed.ndjson"), do)


def test_a_long_event_is_shown_by_its_start(play: Playing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for module in (store, index, event_list, event_view):
        monkeypatch.setattr(module, "LONG_BYTES", 10_000)
    event = json.loads((SAMPLES / "mixed.ndjson").read_bytes().splitlines()[0])
    event["body"] |= {"x": "y" * 20_000} | {f"field_{number}": number for number in range(3000)}
    event["metadata"]["event_time"] = 7
    path = tmp_path / "long.ndjson"
    path.write_text(f"{json.dumps(event)}\n" * 3)

    async def do(screen: Screen) -> None:
        await screen.until(lambda: "being read" not in screen.text())
        assert [line[0] for line in screen.lines[:3]] == ["✗"] * 3
        assert "✗" in screen.text().partition("──")[2]
        lines = screen.app.event_view.lines
        assert "bytes in all" in " ".join(lines)
        assert len(lines) < 50
        assert not screen.app.session.index._kept
        await screen.press("y")
        options = screen.app.screen.query_one(OptionList).option_count
        assert options == MOST_VALUES + 1

    play(looking_at(path), do, 100, 30)
