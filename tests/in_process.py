"""The command inside the tests' own process."""

from canvas_events_cli.cli.interrupts import Interrupts


class NoInterrupts(Interrupts):
    """For commands that run inside the tests' own process, whose signals stay as they are."""

    def __init__(self) -> None:
        self._number = 0
