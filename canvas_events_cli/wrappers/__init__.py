"""Wrappers: the queues, notifications, rows and signed tokens that events arrive in."""

from canvas_events_cli.wrappers.shapes import exact_event, is_event
from canvas_events_cli.wrappers.unwrap import unwrap

__all__ = ["exact_event", "is_event", "unwrap"]
