"""Events that are made up from what the schemas say of them."""

from canvas_events_cli.example.events import Example, Examples, names_for
from canvas_events_cli.example.wrapping import KINDS, Signer, load_signer, wrapper

__all__ = ["KINDS", "Example", "Examples", "Signer", "load_signer", "names_for", "wrapper"]
