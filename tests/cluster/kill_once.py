"""What a worker loads to be killed after it has done its first task, before the result is in; others live on."""

import os
import signal
from typing import Any

from canvas_events_cli.running import cluster

really_do = getattr(cluster, "_really_do", cluster._do)  # a worker loads this more than once


def do_and_die(*task: Any) -> Any:
    result = really_do(*task)
    try:
        os.close(os.open(os.environ["DEATHS"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return result
    os.kill(os.getpid(), signal.SIGKILL)


cluster._really_do = really_do
cluster._do = do_and_die
