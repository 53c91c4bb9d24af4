"""``cevents browse`` where it cannot be, and in a terminal of its own."""

import importlib.util

import pytest
from in_process import cevents

from canvas_events_cli.errors import CeventsError


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(CeventsError, match='not installed: the extra browse brings them, see "Extras" in the README'):
        cevents("browse", "capture.ndjson")
