"""cevents: the inspector for Canvas LMS Live Events."""

__version__ = "0.1.0"
