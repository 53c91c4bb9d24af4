"""What a worker loads to have no room for anything."""

import errno
from typing import Any

from canvas_events_cli.running import cluster


def fail(*_: Any) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


cluster._prepared = fail  # type: ignore[assignment]
