"""Clients that mean no good, many at once: the others are served, nothing answered is lost, and nothing grows."""

import asyncio
import json
import os
import signal
import sys
import time
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from joserfc import jws
from joserfc.jwk import ECKey
from receivers import event, listening, numbers

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc"),
]

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
BOMB = zlib.compress(bytes(50_000_000))
ATTACKERS = 30
SECONDS = 5.0
GROWTH_KB = 150_000
"""Four bodies in hand, each with a copy, and what clients have sent that is not read yet."""


@asynccontextmanager
async def connection(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def ask(port: int, bodies: list[bytes], headers: bytes = b"") -> list[int]:
    """Post *bodies* over one connection; return the answers' statuses."""
    statuses = []
    async with connection(port) as (reader, writer):
        for body in bodies:
            writer.write(HEAD + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].split()[0]))
            statuses.append(int(head.split()[1]))
    return statuses


async def drip(port: int) -> None:
    """Send a head, a byte at a time."""
    async with connection(port) as (_, writer):
        for letter in HEAD * 1000:
            writer.write(bytes((letter,)))
            await asyncio.sleep(0.05)


async def endless(port: int) -> None:
    async with connection(port) as (_, writer):
        writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b" " * 0x10000 + b"\r\n")
            await writer.drain()
            await asyncio.sleep(0.01)


async def half_open(port: int) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(connection(port))
        await asyncio.sleep(0.5)


async def wrong_length(port: int) -> None:
    async with connection(port) as (_, writer):
        writer.write(HEAD + b"Content-Length: 1000000\r\n\r\n{" + b" " * 500_000)
        await writer.drain()
        await asyncio.sleep(0.2)


async def bomb(port: int) -> None:
    await ask(port, [BOMB] * 5, b"Content-Encoding: deflate\r\n")


async def noise(port: int) -> None:
    async with connection(port) as (_, writer):
        writer.write(os.urandom(10_000))
        await asyncio.sleep(0.01)


async def again(attack, port: int) -> None:  # type: ignore[no-untyped-def]
    while True:
        with suppress(OSError, asyncio.IncompleteReadError):
            await attack(port)
        await asyncio.sleep(0.05)


def memory(pid: int) -> int:
    """Return the greatest memory of a process so far, in KB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0])


def test_others_are_served(tmp_path: Path) -> None:
    async def siege() -> list[int]:
        attacks = (drip, endless, half_open, wrong_length, bomb, noise)
        running = [asyncio.create_task(again(attacks[n % len(attacks)], port)) for n in range(ATTACKERS)]
        statuses: list[int] = []
        limit = time.monotonic() + SECONDS
        number = 0
        while time.monotonic() < limit:
            statuses += await ask(port, [event(number + each) for each in range(10)])
            number += 10
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        return statuses

    folder = tmp_path / "events"
    with listening("-o", str(folder), "--max-record-bytes", str(1 << 20)) as (process, address):
        port = urlsplit(address).port or 0
        assert asyncio.run(ask(port, [event("first")])) == [200]
        before = memory(process.pid)
        statuses = asyncio.run(siege())
        assert memory(process.pid) - before < GROWTH_KB
        assert len(os.listdir(f"/proc/{process.pid}/fd")) < 600
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 128 + signal.SIGTERM
    kept = numbers(folder)
    answered = {str(number) for number, status in enumerate(statuses) if status == 200}
    assert len(answered) >= 50
    assert answered <= set(kept)


def test_bad_signatures(tmp_path: Path) -> None:
    keys = [ECKey.generate_key("P-256") for _ in range(2)]
    (tmp_path / "keys.json").write_text(json.dumps(keys[0].as_dict(private=False) | {"kid": "a"}))
    good, bad = (
        jws.serialize_compact({"alg": "ES256", "kid": "a"}, event(1), key, algorithms=["ES256"]).encode()
        for key in keys
    )
    with listening("-o", str(tmp_path / "events"), "--jwks", str(tmp_path / "keys.json")) as (process, address):
        port = urlsplit(address).port or 0
        assert asyncio.run(ask(port, [good])) == [200]
        before = memory(process.pid)

        async def flood() -> list[list[int]]:
            return await asyncio.gather(*(ask(port, [bad] * 1000) for _ in range(10)))

        assert {status for each in asyncio.run(flood()) for status in each} == {401}
        assert memory(process.pid) - before < 20_000
        assert asyncio.run(ask(port, [good])) == [200]
    assert numbers(tmp_path / "events") == ["1", "1"]


def test_killed_at_any_time_what_was_answered_is_there(tmp_path: Path) -> None:
    folder = tmp_path / "events"
    answered: list[str] = []

    async def send(port: int, name: str) -> None:
        for number in range(10_000):
            try:
                statuses = await ask(port, [event(f"{name}-{number}")])
            except (OSError, asyncio.IncompleteReadError):
                return
            assert statuses == [200]
            answered.append(f"{name}-{number}")

    async def storm(process: object, port: int, name: str) -> None:
        tasks = [asyncio.create_task(send(port, f"{name}-{each}")) for each in range(10)]
        await asyncio.sleep(0.3)
        process.kill()  # type: ignore[attr-defined]
        await asyncio.gather(*tasks)

    for turn in range(5):
        with listening("-o", str(folder)) as (process, address):
            asyncio.run(storm(process, urlsplit(address).port or 0, f"{turn}"))
    assert len(answered) > 50
    assert set(answered) <= set(numbers(folder))
