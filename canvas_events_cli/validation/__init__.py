"""Checking events against schemas: two engines, one answer."""

from canvas_events_cli.validation.checker import EventChecker, compile_checker
from canvas_events_cli.validation.findings import Verdict
from canvas_events_cli.validation.spec import ENGINES, Engine, ValidationSpec, default_engine

__all__ = [
    "ENGINES",
    "Engine",
    "EventChecker",
    "ValidationSpec",
    "Verdict",
    "compile_checker",
    "default_engine",
]
