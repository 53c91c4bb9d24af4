"""The command line: one module a command, each from options to an exit code."""

COMMANDS = {
    "validate": "validate",
    "explain": "explain",
    "show": "show",
    "filter": "filter_events",
    "browse": "browse",
    "summarize": "summarize",
    "drift": "drift",
    "capture": "capture",
    "sample": "sample",
    "scrub": "scrub",
    "example": "example",
    "schema": "schema",
    "help": "help_pages",
}
"""What each command's module, which has its name, calls it; in the order of the help."""
