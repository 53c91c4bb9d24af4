"""Compressed sources: four formats, whole, in several streams, cut, damaged, with something after them, and bombs."""

import bz2
import gzip
import json
import lzma
import random
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.sources.blocks import BLOCK_BYTES, read_blocks
from canvas_events_cli.sources.compression import compress, decompress, decompress_whole
from canvas_events_cli.sources.source import Source, SourceError

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda data: zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1}),
}
ZERO_PADDED = ("gzip", "xz")
SKIPPABLE = b"\x5b\x2a\x4d\x18\x05\0\0\0hello"
EVENTS = b"".join(b'{"metadata":{"event_name":"e%d"},"body":{"id":"%d"}}\n' % (n, n * n * 7919) for n in range(120))
NOISE = random.Random(4).randbytes(3 * BLOCK_BYTES)


@cache
def packed_noise(kind: str) -> bytes:
    return COMPRESS[kind](NOISE)


@pytest.fixture(params=COMPRESS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def unpack(data: bytes | Iterable[bytes], block_bytes: int = BLOCK_BYTES) -> tuple[bytes, str]:
    """Return what comes out of *data*, whole or in the given pieces, and the message of the error that ends it."""
    output = bytearray()
    try:
        for block in decompress("capture", iter((data,) if isinstance(data, bytes) else data), block_bytes):
            assert 0 < len(block) <= block_bytes
            output += block
    except SourceError as error:
        return bytes(output), str(error)
    return bytes(output), ""


def single_bytes(data: bytes) -> Iterator[bytes]:
    return (data[index : index + 1] for index in range(len(data)))


CONTENTS = {
    "one_stream": [EVENTS],
    "several_streams": [EVENTS, EVENTS[:500], EVENTS],
    "empty_stream": [b""],
    "empty_streams_between": [b"", EVENTS, b"", b"", EVENTS, b""],
    "larger_than_a_block": [NOISE, EVENTS],
    "one_byte": [b"{"],
}


@pytest.mark.parametrize("streams", CONTENTS.values(), ids=CONTENTS)
def test_whole(kind: str, streams: list[bytes]) -> None:
    packed = (packed_noise(kind) if stream is NOISE else COMPRESS[kind](stream) for stream in streams)
    assert unpack(b"".join(packed)) == (b"".join(streams), "")


@pytest.mark.parametrize("block_bytes", [1, 100, BLOCK_BYTES])
def test_single_bytes_in(kind: str, block_bytes: int) -> None:
    packed = COMPRESS[kind](EVENTS) + COMPRESS[kind](b"") + COMPRESS[kind](b"end")
    assert unpack(single_bytes(packed), block_bytes) == (EVENTS + b"end", "")


@given(
    kind=st.sampled_from(sorted(COMPRESS)),
    streams=st.lists(st.binary(max_size=400), min_size=1, max_size=4),
    cuts=st.lists(st.integers(0, 2000)),
    block_bytes=st.integers(1, 300),
)
def test_however_it_is_cut(kind: str, streams: list[bytes], cuts: list[int], block_bytes: int) -> None:
    packed = b"".join(map(COMPRESS[kind], streams))
    ends = sorted({cut for cut in cuts if 0 < cut < len(packed)})
    pieces = [packed[start:end] for start, end in zip([0, *ends], [*ends, len(packed)], strict=True)]
    assert unpack(pieces, block_bytes) == (b"".join(streams), "")


@pytest.mark.parametrize("data", [b"", b"{}\n", b"[1]\n", b"P*", b"(", b"BZ", b"\x1f", b"\x1f{}", b"\xfd7zXZ"])
def test_not_compressed(data: bytes) -> None:
    assert unpack(data) == (data, "")
    assert unpack(single_bytes(data)) == (data, "")


@pytest.mark.parametrize("zeros", [1, 3, 4, 700])
def test_zeros_after_a_stream(kind: str, zeros: int) -> None:
    packed = COMPRESS[kind](EVENTS)
    padded = packed + b"\0" * zeros
    if kind in ZERO_PADDED:
        assert unpack(padded) == (EVENTS, "")
        assert unpack(padded + padded) == (EVENTS * 2, "")
    else:
        output, message = unpack(padded)
        assert output == EVENTS
        assert f"ends at byte {len(packed)}, and something else follows" in message


@pytest.mark.parametrize(
    ("packed", "output"),
    [
        (SKIPPABLE, b""),
        (SKIPPABLE + COMPRESS["zstd"](EVENTS), EVENTS),
        (COMPRESS["zstd"](EVENTS) + SKIPPABLE, EVENTS),
        (COMPRESS["zstd"](EVENTS) + SKIPPABLE * 3 + COMPRESS["zstd"](b"end"), EVENTS + b"end"),
    ],
    ids=["alone", "first", "last", "between"],
)
def test_skippable_frames(packed: bytes, output: bytes) -> None:
    assert unpack(packed) == (output, "")
    assert unpack(single_bytes(packed)) == (output, "")
    assert "cut off at byte" in unpack(packed + SKIPPABLE[:-1])[1]


@pytest.mark.parametrize("most_bytes", [0, 10, len(EVENTS) - 1, len(EVENTS), BLOCK_BYTES])
def test_a_whole_piece_within_a_limit(kind: str, most_bytes: int) -> None:
    assert decompress_whole(compress(kind, EVENTS), most_bytes) == EVENTS[: most_bytes + 1]


def test_one_level_only(kind: str) -> None:
    inner = COMPRESS[kind](EVENTS)
    assert unpack(COMPRESS[kind](inner)) == (inner, "")


def whole_prefix(kind: str, data: bytes) -> bytes:
    """Return what the format's own decompressor makes of *data*, the first part of a stream."""
    decompressors = {
        "gzip": lambda: zlib.decompressobj(wbits=31),
        "bzip2": bz2.BZ2Decompressor,
        "xz": lzma.LZMADecompressor,
        "zstd": zstd.ZstdDecompressor,
    }
    return bytes(decompressors[kind]().decompress(data))


def test_cut_off_anywhere(kind: str) -> None:
    first, second = COMPRESS[kind](b"first\n"), COMPRESS[kind](EVENTS)
    for length in (*range(6, len(second), 7), len(second) - 1):
        output, message = unpack(first + second[:length])
        assert output == b"first\n" + whole_prefix(kind, second[:length])
        assert message.startswith(f"capture: the {kind} data is cut off at byte {len(first) + length}: ")


def test_cut_off_in_the_bytes_that_tell_the_format(kind: str) -> None:
    packed = COMPRESS[kind](EVENTS)
    assert unpack(packed + packed[:1]) == (
        EVENTS,
        f"capture: the {kind} data is cut off at byte {len(packed) + 1}: what came before was read;"
        " fetch it again, or wait until it has been written",
    )


def test_damaged_anywhere(kind: str) -> None:
    first, second = COMPRESS[kind](b"first\n"), COMPRESS[kind](EVENTS)
    found = 0
    for position in range(0, len(second), 5):
        damaged = bytearray(second)
        damaged[position] ^= 0x55
        output, message = unpack(first + damaged + COMPRESS[kind](b"last\n"))
        assert output.startswith(b"first\n")
        if message:
            found += 1
            assert message.startswith(f"capture: the {kind} data ")
            assert " byte " in message
        else:
            # Not all bits mean anything: gzip's time and system, for instance.
            assert output == b"first\n" + EVENTS + b"last\n"
    assert found > len(second) // 5 * 0.9


@pytest.mark.parametrize(
    ("kind", "back", "reason"),
    [("gzip", 5, "incorrect data check"), ("zstd", 1, "restored data doesn't match checksum")],
)
def test_checksum_wrong(kind: str, back: int, reason: str) -> None:
    packed = bytearray(COMPRESS[kind](EVENTS))
    packed[-back] ^= 1
    output, message = unpack(bytes(packed))
    assert output == EVENTS
    offset = int(message.removeprefix(f"capture: the {kind} data cannot be decompressed beyond byte ").split(" ", 1)[0])
    assert len(packed) - 8 <= offset < len(packed)
    assert f"({reason}): what came before was read; fetch it again" in message


def test_damage_deep_inside_leaves_what_came_before(kind: str) -> None:
    packed = bytearray(packed_noise(kind))
    position = len(packed) * 2 // 3
    packed[position : position + 64] = bytes(64)
    output, message = unpack(bytes(packed))
    # Two of three MiB are in front of the damage, and bzip2 decodes in blocks of 900 kB.
    assert output[:BLOCK_BYTES] == NOISE[:BLOCK_BYTES]
    assert "cannot be decompressed beyond byte" in message


@pytest.mark.parametrize("garbage", [b"\n", b"{}\n", b"\0\0{}", b"\x1f\x8c", b"(\xb5/\xfe", b"BZx", b"\xfd7zXY\0"])
def test_something_else_after_the_end(kind: str, garbage: bytes) -> None:
    packed = COMPRESS[kind](EVENTS)
    end = len(packed) + (len(garbage) - len(garbage.lstrip(b"\0")) if kind in ZERO_PADDED else 0)
    for pieces in ((packed + garbage,), single_bytes(packed + garbage), (packed, garbage)):
        output, message = unpack(pieces)
        assert output == EVENTS
        assert message.startswith(f"capture: the {kind} data ends at byte {end}, and something else follows: ")


@given(
    beginning=st.sampled_from([b"\x1f\x8b\x08\0", b"BZh9", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", SKIPPABLE[:4]]),
    rest=st.binary(max_size=300),
)
def test_arbitrary_bytes_end_in_a_message_at_worst(beginning: bytes, rest: bytes) -> None:
    unpack(beginning + rest)


def xz_with_window(code: int) -> bytes:
    """Return an .xz file whose first block header asks for the window of *code* (28 is 64 MiB, 30 is 128 MiB)."""
    packed = bytearray(lzma.compress(b"{}\n"))
    start, end = 12, 12 + packed[12] * 4
    packed[start + 4] = code
    packed[end : end + 4] = zlib.crc32(packed[start:end]).to_bytes(4, "little")
    return bytes(packed)


def zstd_with_window(log2: int) -> bytes:
    """Return a zstd frame that asks for a window of 2 to the power of *log2* bytes, with one raw block."""
    return b"\x28\xb5\x2f\xfd\0" + bytes([(log2 - 10) << 3]) + (3 << 3 | 1).to_bytes(3, "little") + b"{}\n"


@pytest.mark.parametrize(
    ("packed", "tool"),
    [
        (xz_with_window(28), ""),
        (xz_with_window(30), "xz"),
        (xz_with_window(40), "xz"),
        (zstd_with_window(26), ""),
        (zstd_with_window(27), "zstd"),
        (zstd_with_window(41), "zstd"),
    ],
    ids=["xz_64_MiB", "xz_128_MiB", "xz_4_GiB", "zstd_64_MiB", "zstd_128_MiB", "zstd_2_TiB"],
)
def test_how_much_memory_a_file_may_ask_for(packed: bytes, tool: str) -> None:
    output, message = unpack(packed)
    if tool:
        assert output == b""
        assert "takes more than 64 MiB of memory" in message
        assert f"decompress it with {tool} and pipe the result in" in message
    else:
        assert (output, message) == (b"{}\n", "")


def flushed(kind: str) -> tuple[bytes, bytes]:
    """Return a first and a second part of compressed data, where the first is complete as far as the format can be."""
    if kind == "gzip":
        member = zlib.compressobj(wbits=31)
        return member.compress(b"one\n") + member.flush(zlib.Z_SYNC_FLUSH), member.compress(b"two\n") + member.flush()
    if kind == "zstd":
        frame = zstd.ZstdCompressor()
        return frame.compress(b"one\n", mode=frame.FLUSH_BLOCK), frame.compress(b"two\n", mode=frame.FLUSH_FRAME)
    return COMPRESS[kind](b"one\n"), COMPRESS[kind](b"two\n")


def test_output_does_not_wait_for_more_input(kind: str) -> None:
    given_away: list[bytes] = []

    def slow_producer() -> Iterator[bytes]:
        for part in flushed(kind):
            given_away.append(part)
            yield part

    output = decompress("capture", slow_producer(), BLOCK_BYTES)
    assert next(output) == b"one\n"
    assert len(given_away) == 1
    assert list(output) == [b"two\n"]


@pytest.mark.parametrize(("first", "needed"), [(b"{", 1), (b"[", 2), (b"\xef", 1), (b"\x1f{", 1), (b"\n", 1)])
def test_plain_input_is_held_back_for_a_byte_at_most(first: bytes, needed: int) -> None:
    given_away: list[bytes] = []

    def slow_producer() -> Iterator[bytes]:
        for part in (first, b"x", b"y"):
            given_away.append(part)
            yield part

    assert next(decompress("capture", slow_producer(), BLOCK_BYTES)).startswith(first)
    assert len(given_away) == needed


def test_what_came_before_a_failing_read_is_kept() -> None:
    def failing(data: bytes) -> Iterator[bytes]:
        yield data
        raise SourceError("capture: cannot read: Input/output error")

    for data, output in ((b"[", b"["), (COMPRESS["gzip"](EVENTS)[:-30], EVENTS[:3000]), (b"{}\n", b"{}\n")):
        got, message = unpack(failing(data))
        assert got.startswith(output)
        assert message == "capture: cannot read: Input/output error"


def test_file_of_any_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.ndjson"
    path.write_bytes(COMPRESS[kind](b"\xef\xbb\xbf" + EVENTS))
    assert b"".join(read_blocks(Source(str(path), path))) == EVENTS


def test_standard_input(kind: str) -> None:
    code = (
        "import sys; from canvas_events_cli.sources.blocks import read_blocks; "
        "from canvas_events_cli.sources.source import Source; "
        "sys.stdout.buffer.writelines(read_blocks(Source('<stdin>')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=COMPRESS[kind](EVENTS) * 2,
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert (done.stdout, done.stderr) == (EVENTS * 2, b"")


def test_lines_of_a_program_are_taken_as_they_are() -> None:
    packed = COMPRESS["gzip"](b"{}")
    assert b"".join(read_blocks(Source("<lines>", lines=[packed]))) == packed + b"\n"


def test_cut_off_capture_is_counted_up_to_there_then_2(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "capture.gz"
    rest = COMPRESS[kind](EVENTS)[:-100]
    path.write_bytes(COMPRESS[kind](EVENTS) + rest)
    done = subprocess.run(
        [sys.executable, "-m", "canvas_events_cli", "validate", "-o", "json", str(path)],
        capture_output=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert done.returncode == 2
    assert json.loads(done.stdout)["events"] == len((EVENTS + whole_prefix(kind, rest)).splitlines())
    assert f"the {kind} data is cut off at byte {path.stat().st_size}".encode() in done.stderr
    assert b"Traceback" not in done.stderr


PEAK = """
import sys
from pathlib import Path
from canvas_events_cli.sources.blocks import read_blocks
from canvas_events_cli.sources.source import Source
def peak():
    return int(next(line for line in open("/proc/self/status") if line.startswith("VmHWM")).split()[1])
before = peak()
size = sum(map(len, read_blocks(Source("bomb", Path(sys.argv[1])))))
print(size, peak() - before)
"""


@pytest.mark.slow
def test_bomb_is_bounded(kind: str, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb"
    bomb.write_bytes(COMPRESS[kind](b" " * (64 << 20)) * 16)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(bomb)], capture_output=True, cwd=Path(__file__).parents[2], check=True
    )
    size, peak_kib = map(int, done.stdout.split())
    assert size == 1 << 30
    assert peak_kib < 48 * 1024
