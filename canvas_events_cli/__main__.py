"""``python -m canvas_events_cli``, and the ``cevents`` script."""

from canvas_events_cli.cli.app import main

if __name__ == "__main__":
    main()
