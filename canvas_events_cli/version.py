"""The version of cevents, as the wheel's metadata have it."""

__version__ = "0.1.0"
