"""Work on a real scheduler and worker processes."""

import socket

import pytest

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.work.cluster import run_on_cluster

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]


def test_results_come_in_the_order_of_the_tasks(start_cluster) -> None:
    assert list(run_on_cluster(start_cluster(), abs, range(-40, 0))) == list(range(40, 0, -1))


def test_a_scheduler_without_workers(start_cluster) -> None:
    with pytest.raises(CeventsError, match="no worker is there: start some with `dask worker tcp://"):
        list(run_on_cluster(start_cluster(workers=0), abs, [1]))


def test_nobody_answers() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(CeventsError, match=f"--cluster {address}: no scheduler answers there"):
            list(run_on_cluster(address, abs, [1]))


@pytest.mark.parametrize("address", ["nonsense", "foo://host:1", "tcp://"])
def test_no_address(address: str) -> None:
    with pytest.raises(CeventsError, match=f"--cluster {address}: no scheduler answers there"):
        list(run_on_cluster(address, abs, [1]))
