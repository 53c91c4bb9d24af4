"""What can be wrong inside a schema file."""

from canvas_events_cli.errors import CeventsError


class SchemaError(CeventsError):
    """A schema file that cannot be used, and where the fault is."""

    def __init__(self, file: str, pointer: str, reason: str) -> None:
        super().__init__(": ".join(filter(None, (file, pointer, reason))))
        self.file = file
        """As shown to the user."""
        self.pointer = pointer
        self.reason = reason


class SchemaFault(Exception):
    """A fault at *pointer* of a schema file that is not named yet."""

    def __init__(self, pointer: str, reason: str) -> None:
        super().__init__(pointer, reason)
        self.pointer = pointer
        self.reason = reason

    def of(self, shown: str) -> SchemaError:
        """Return the error for the user, in the file named *shown*."""
        return SchemaError(shown, self.pointer, self.reason)


class Refused(Exception):
    """A reference that must not or cannot be followed; the text says why."""
