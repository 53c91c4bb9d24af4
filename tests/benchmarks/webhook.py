"""The webhook under load: requests a second, CPU seconds for a thousand, and whether all that was answered is kept.

``python tests/benchmarks/webhook.py [REQUESTS] [CONNECTIONS]``: each connection sends one event after
another, and every event is on disk before its answer.
"""

import asyncio
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

CEVENTS = [sys.executable, "-m", "canvas_events_cli"]
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


async def send(port: int, bodies: list[bytes], statuses: Counter[int]) -> None:
    """Post *bodies* over one connection, each when the one before is answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for body in bodies:
        writer.write(HEAD % len(body) + body)
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
        statuses[int(head.split()[1])] += 1
    writer.close()


async def load(port: int, bodies: list[bytes], connections: int) -> Counter[int]:
    """Post *bodies*, over so many *connections* at a time."""
    statuses: Counter[int] = Counter()
    await asyncio.gather(*(send(port, bodies[first::connections], statuses) for first in range(connections)))
    return statuses


def main(requests: int = 20_000, connections: int = 50) -> None:
    """Measure, and print what was found."""
    made = subprocess.run([*CEVENTS, "example", "submission_created", "-n", str(requests)], capture_output=True)
    bodies = made.stdout.splitlines()
    with tempfile.TemporaryDirectory() as folder:
        command = [*CEVENTS, "capture", "--listen", "127.0.0.1:0", "-q", "-o", folder, "-n", str(requests)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            address = re.search(r"http://\S+", process.stderr.readline())
            assert address is not None
            before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
            statuses = asyncio.run(load(urlsplit(address[0]).port or 0, bodies, connections))
            seconds = time.perf_counter() - started
            process.wait()
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
        kept = subprocess.run([*CEVENTS, "filter", folder], capture_output=True).stdout.splitlines()
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
    print(f"{requests:,} requests over {connections} connections, {os.cpu_count()} cores: {dict(statuses)}")
    print(f"{requests / seconds:,.0f} a second; {cpu / requests * 1000:.2f} CPU seconds for 1,000, start-up included")
    print(f"lost: {len(set(bodies) - set(kept)):,}, twice: {len(kept) - len(set(kept)):,}; {size:,} bytes in files")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
