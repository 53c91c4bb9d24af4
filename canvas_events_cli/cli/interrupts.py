"""Ctrl-C and SIGTERM, from the first line of ours to the last: they leave with their own status, and no traceback.

Imports almost nothing: until this is in force, a signal ends the interpreter in its own way.
"""

import _signal as signal  # type: ignore[import-not-found]  # signal itself imports enum, which takes 5 ms
import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType
    from typing import Any

_NAMES = ("SIGINT", "SIGTERM")
_SAME_SECONDS = 0.2
"""One Ctrl-C may come twice: from the terminal, and from a program that passes it on."""


class Interrupts:
    """What ends the process from outside: inside ``with`` by a KeyboardInterrupt, elsewhere and in imports at once.

    There is never more than one KeyboardInterrupt: who presses Ctrl-C again does not want to wait for what was found
    so far. A signal that whoever started the process ignores, as ``nohup`` and a shell's ``&`` do, stays ignored.
    """

    def __init__(self) -> None:
        self._number = 0
        self._time = 0.0
        self._is_raising = False
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._receive)
        sys.unraisablehook = self._unraisable

    def __enter__(self) -> None:
        self._is_raising = True

    def __exit__(self, *error: object) -> None:
        self._is_raising = False

    @property
    def code(self) -> int:
        """The exit code of the signal that was received; 0 where none was."""
        return self._number and 128 + self._number

    def _receive(self, number: int, frame: "FrameType | None") -> None:
        now = time.monotonic()
        if not self._number:
            self._number, self._time = number, now
            # Modules in C can crash when they meet an exception in an import of theirs.
            while frame is not None and frame.f_code.co_filename != "<frozen importlib._bootstrap>":
                frame = frame.f_back
            if self._is_raising and frame is None:
                raise KeyboardInterrupt
        elif now - self._time < _SAME_SECONDS:
            return
        self._end()

    def _unraisable(self, swallowed: "Any") -> None:
        """End where a KeyboardInterrupt came in a finalizer or a callback, which nothing leaves: it would be lost."""
        if isinstance(swallowed.exc_value, KeyboardInterrupt):
            self._end()
        sys.__unraisablehook__(swallowed)

    def _end(self) -> None:
        if outputs := sys.modules.get("canvas_events_cli.outputs"):
            outputs.discard_all()
        os._exit(self.code)
