"""Checking events against schemas: two engines, one answer."""

from canvas_events_cli.defaults import Engine
from canvas_events_cli.validation.checker import EventChecker, compile_checker
from canvas_events_cli.validation.engines import ENGINES, ValidationSpec, default_engine
from canvas_events_cli.validation.findings import Verdict

__all__ = [
    "ENGINES",
    "Engine",
    "EventChecker",
    "ValidationSpec",
    "Verdict",
    "compile_checker",
    "default_engine",
]
