"""What stands over the screen until it is answered, or read."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import OptionList, Static

from canvas_events_cli.browsing.screen.event_view import LinesView

_WIDEST = 110
_FRAME = 3
"""Columns that are beside the lines: the border, and what scrolls."""


class Dialog(ModalScreen[int | None]):
    """Something with a title; returns a number that was chosen, or None."""

    DEFAULT_CSS = f"""
    Dialog {{ align: center middle; }}
    Dialog Vertical {{ width: 90%; max-width: {_WIDEST}; height: auto; max-height: 90%; }}
    Dialog Vertical {{ border: solid ansi_bright_black; }}
    Dialog Static {{ text-style: bold; }}
    Dialog OptionList, Dialog OptionList:focus {{ height: auto; max-height: 20; border: none; padding: 0; }}
    Dialog LinesView {{ height: auto; border: none; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+c", "leave", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("up,k", "step(-1)", show=False),
        Binding("pagedown,space", "step(10)", show=False),
        Binding("pageup", "step(-10)", show=False),
    ]

    def __init__(self, title: str, body: Widget) -> None:
        super().__init__()
        self._title, self._body = title, body

    def compose(self) -> ComposeResult:
        """Lay out."""
        with Vertical():
            yield Static(self._title, markup=False)
            yield self._body

    def action_leave(self, result: int | None = None) -> None:
        """Go back, once: the key that answers may be pressed again before that is seen."""
        if self.is_current:
            self.dismiss(result)


class Choose(Dialog):
    """Has one of several texts, which are safe to print, chosen; returns its place."""

    def __init__(self, title: str, options: Sequence[str]) -> None:
        super().__init__(title, OptionList(*options, markup=False))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Return what was chosen."""
        self.action_leave(event.option_index)

    def action_step(self, step: int) -> None:
        """Look at another option."""
        options = self.query_one(OptionList)
        options.action_cursor_down() if step > 0 else options.action_cursor_up()


class Tell(Dialog):
    """Shows lines, which are safe to print but for our own colours."""

    def __init__(self, title: str, form: Callable[[int], Sequence[str]]) -> None:
        """*form* returns the lines for so many columns."""
        self._form, self._view = form, LinesView()
        super().__init__(title, self._view)

    def on_resize(self) -> None:
        """Be as high as there are lines, and room."""
        self._view.show(self._form(min(self.app.size.width * 9 // 10, _WIDEST) - _FRAME))
        self._view.styles.height = min(len(self._view.lines), max(self.app.size.height * 9 // 10 - 4, 3))

    def action_step(self, lines: int) -> None:
        """Scroll."""
        self._view.scroll_relative(y=lines, animate=False)
