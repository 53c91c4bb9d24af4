"""Scrubbing: the same events with personal data replaced by pseudonyms."""

from canvas_events_cli.scrubbing.places import ScrubSpec
from canvas_events_cli.scrubbing.scrubber import Scrubber, derive_key

__all__ = ["ScrubSpec", "Scrubber", "derive_key"]
