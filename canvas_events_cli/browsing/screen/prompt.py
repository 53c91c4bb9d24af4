"""The line at the bottom to type into, with what is wrong under it as one types, or how it may go on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.suggester import Suggester
from textual.widgets import Input, Static

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.rendering.safe_text import shorten, visible

_INDENT = 2
"""Columns before what a message quotes, as ``query.fields.mistake`` has it."""


@dataclass(frozen=True)
class Question:
    """What is asked for."""

    label: str
    done: Callable[[str], None]
    """Takes the answer. Raises CeventsError for one that cannot be meant."""
    check: Callable[[str], object] = lambda text: None
    """Raises CeventsError for what is no answer, with a caret where it can."""
    suggest: Callable[[str], Sequence[str]] = lambda text: ()
    """Returns how an answer may go on."""
    value: str = ""


class Prompt(Vertical):
    """Asks one question at a time; hidden where there is none."""

    DEFAULT_CSS = """
    Prompt { height: auto; display: none; }
    Prompt Horizontal { height: 1; }
    Prompt #label { width: auto; text-style: bold; }
    Prompt Input, Prompt Input:focus { width: 1fr; height: 1; border: none; padding: 0; background: ansi_default; }
    Prompt #told { height: 1; width: 1fr; text-style: dim; }
    Prompt #told.wrong { color: ansi_red; text-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("tab", "focused.cursor_right", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._question = Question("", lambda _: None)
        self.line = Input(compact=True, suggester=_Suggestions(self), select_on_focus=False)
        self._label, self._told = Static(markup=False, id="label"), Static(markup=False, id="told")

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Horizontal():
            yield self._label
            yield self.line
        yield self._told

    def ask(self, question: Question) -> None:
        """Ask *question*."""
        self._question = question
        self._label.update(f"{question.label} ")
        self.line.value = question.value
        self.line.cursor_position = len(question.value)
        # At once, not by way of a class or a message: the next keys may be there already.
        self.display = True
        self.screen.set_focus(self.line)
        self._tell(question.value)

    def suggestions(self, value: str) -> Sequence[str]:
        """Return how *value* may go on."""
        return self._question.suggest(value) if value else ()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong so far."""
        self._tell(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer, if it is one; Enter may be pressed twice before that is seen."""
        if not self.display:
            return
        try:
            self._question.check(event.value)
            self._question.done(event.value)
        except CeventsError as error:
            self._show_error(error)
        else:
            self.action_leave()

    def action_leave(self) -> None:
        """Ask no more."""
        self.display = False
        self.screen.set_focus(self.screen.query_one("EventList"))

    def _tell(self, value: str) -> None:
        try:
            if value:
                self._question.check(value)
            self._show("  ".join(map(visible, self.suggestions(value)[:8])))
        except CeventsError as error:
            self._show_error(error)

    def _show_error(self, error: CeventsError) -> None:
        what, *quoted = map(str, error.args)
        if not quoted or quoted[-1].strip() != "^":
            self._show(visible(what), wrong=True)
            return
        label = len(self._question.label) + 1
        # Before it is laid out, the line has no width, and is scrolled to its end.
        scrolled = self.line.scroll_offset.x if label + len(self.line.value) >= self.app.size.width else 0
        before = label + len(quoted[-1]) - 1 - _INDENT - scrolled
        self._show(" " * max(before, 0) + "^ " + visible(what), wrong=True)

    def _show(self, text: str, *, wrong: bool = False) -> None:
        self._told.set_class(wrong, "wrong")
        if len(text) > self.app.size.width and wrong:  # the caret moves to the left of what it has to say
            text = text.lstrip(" ^")
        self._told.update(shorten(text, self.app.size.width))


class _Suggestions(Suggester):
    def __init__(self, prompt: Prompt) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._prompt = prompt

    async def get_suggestion(self, value: str) -> str | None:
        return next(iter(self._prompt.suggestions(value)), None)
