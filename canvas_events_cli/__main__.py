"""``python -m canvas_events_cli``, and the ``cevents`` script."""

import gc
import os
import sys
from contextlib import suppress

from canvas_events_cli.cli.interrupts import Interrupts

gc.set_threshold(50_000)  # what is imported stays: looking through it for garbage took a tenth of the start
_interrupts = Interrupts()  # before the imports of the command, which take most of its start


def main() -> None:
    """Run the command and leave the process with its exit code."""
    from canvas_events_cli.cli.app import run

    code = run(_interrupts)
    for stream in filter(None, (sys.stdout, sys.stderr)):  # of a closed one there is none
        with suppress(OSError, ValueError):
            stream.flush()
    # All is written, and no process of ours is left: to take the interpreter apart would take a sixth of the start.
    os._exit(code)


if __name__ == "__main__":
    main()
