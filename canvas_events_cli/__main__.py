"""``python -m canvas_events_cli``, and the ``cevents`` script."""

import gc
import sys

from canvas_events_cli.cli.interrupts import Interrupts

gc.set_threshold(10_000)  # what is imported stays: looking through it for garbage took a tenth of the start
_interrupts = Interrupts()  # before the imports of the command, which take most of its start


def main() -> None:
    """Run the command and leave the process with its exit code."""
    from canvas_events_cli.cli.app import run

    sys.exit(run(_interrupts))


if __name__ == "__main__":
    main()
