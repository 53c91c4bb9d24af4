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


class _Suggestions(Suggester):
    def __init__(self, prompt: "Prompt") -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._prompt = prompt

    async def get_suggestion(self, value: str) -> str | None:
        return next(iter(self._prompt.suggestions(value)), None)


class _Line(Input):
    BINDINGS: ClassVar[list[BindingType]] = [Binding("tab", "cursor_right", show=False)]


class Prompt(Vertical):
    """Asks one question at a time; hidden where there is none."""

    DEFAULT_CSS = """
    Prompt { height: auto; }
    Prompt Horizontal { height: 1; }
    Prompt #label { width: auto; text-style: bold; }
    Prompt _Line, Prompt _Line:focus { width: 1fr; height: 1; border: none; padding: 0; background: ansi_default; }
    Prompt #told { height: 1; width: 1fr; text-style: dim; }
    Prompt #told.wrong { color: ansi_red; text-style: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self._question: Question | None = None
        self.line = _Line(compact=True, suggester=_Suggestions(self), select_on_focus=False)

    @property
    def is_asking(self) -> bool:
        """Whether it waits for an answer."""
        return self._question is not None

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Horizontal():
            yield Static(id="label", markup=False)
            yield self.line
        yield Static(id="told", markup=False)

    def on_mount(self) -> None:
        """Wait to be asked."""
        self.display = False

    def ask(self, question: Question) -> None:
        """Ask *question*."""
        self._question = question
        self.query_one("#label", Static).update(f"{question.label} ")
        line = self.line
        line.value = question.value
        line.cursor_position = len(question.value)
        # At once, not by way of a class or a message: the next keys may be there already.
        self.display = True
        self.screen.set_focus(line)
        self._tell(line.value)

    def suggestions(self, value: str) -> Sequence[str]:
        """Return how *value* may go on."""
        return self._question.suggest(value) if self._question and value else ()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Say what is wrong so far."""
        self._tell(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Take the answer, if it is one."""
        question = self._question
        if question is None:
            return
        try:
            question.check(event.value)
            question.done(event.value)
        except CeventsError as error:
            self._show_error(error)
        else:
            if self._question is question:
                self.action_leave()

    def action_leave(self) -> None:
        """Ask no more."""
        self._question = None
        self.display = False
        self.screen.set_focus(self.screen.query_one("EventList"))

    def _tell(self, value: str) -> None:
        if self._question is None or not value:
            self._show("")
            return
        try:
            self._question.check(value)
        except CeventsError as error:
            self._show_error(error)
        else:
            self._show("  ".join(map(visible, self.suggestions(value)[:8])))

    def _show_error(self, error: CeventsError) -> None:
        what, *quoted = map(str, error.args)
        if quoted and quoted[-1].strip() == "^" and self._question is not None:
            label = len(self._question.label) + 1
            line = self.line
            # Before it is laid out, the line has no width, and is scrolled to its end.
            scrolled = line.scroll_offset.x if label + len(line.value) >= self.app.size.width else 0
            self._show(
                " " * max(label + len(quoted[-1]) - 1 - _INDENT - scrolled, 0) + "^ " + visible(what), wrong=True
            )
        else:
            self._show(visible(what), wrong=True)

    def _show(self, text: str, *, wrong: bool = False) -> None:
        told = self.query_one("#told", Static)
        told.set_class(wrong, "wrong")
        width = self.app.size.width
        if len(text) > width and wrong:  # the caret moves to the left of what it has to say
            text = text.lstrip(" ^")
        told.update(shorten(text, width))
