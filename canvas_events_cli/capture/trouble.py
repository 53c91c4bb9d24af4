"""Trouble that comes and goes: what is told of it."""

import threading
import time
from collections.abc import Callable


class Trouble:
    """Told when it begins, and when it is over: once, however many threads have it."""

    def __init__(self, tell: Callable[[str], None], calm_seconds: float = 0.0) -> None:
        """Take it for over once nobody has had any for *calm_seconds*."""
        self._tell = tell
        self._calm_seconds = calm_seconds
        self._lock = threading.Lock()
        self._is_there = False
        self._last = 0.0

    def happened(self, text: str) -> None:
        """Tell *text*, where this is how trouble begins."""
        with self._lock:
            self._last = time.monotonic()
            if not self._is_there:
                self._is_there = True
                self._tell(text)

    def went_well(self, text: str) -> None:
        """Tell *text*, where trouble is over."""
        with self._lock:
            if self._is_there and time.monotonic() - self._last >= self._calm_seconds:
                self._is_there = False
                self._tell(text)
