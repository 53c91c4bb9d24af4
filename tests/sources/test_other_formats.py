"""What is no JSON text is named for what it is, and never for something else."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from canvas_events_cli.sources.blocks import plain_version, read_blocks
from canvas_events_cli.sources.source import Source, SourceError

EVENTS = b'{"metadata":{},"body":{}}\n' * 40


def tar(mode: str = "w") -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode=mode) as file:  # type: ignore[call-overload]
        member = tarfile.TarInfo("events.ndjson")
        member.size = len(EVENTS)
        file.addfile(member, io.BytesIO(EVENTS))
    return archive.getvalue()


def zipped() -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("events.ndjson", EVENTS)
    return archive.getvalue()


LZMA = {"format": lzma.FORMAT_ALONE}
OTHERS = {
    "gzip in gzip": (
        gzip.compress(gzip.compress(EVENTS)),
        "gzip data in compressed data: decompress it first: gzip -dc",
    ),
    "bzip2 in xz": (
        lzma.compress(bz2.compress(EVENTS)),
        "bzip2 data in compressed data: decompress it first: bzip2 -dc",
    ),
    "tar": (tar(), "a tar archive: unpack it first, with tar -xf"),
    "tar in gzip": (tar("w:gz"), "a tar archive: unpack it first, with tar -xf"),
    "tar in xz": (tar("w:xz"), "a tar archive: unpack it first, with tar -xf"),
    "zip": (zipped(), "a zip archive: unpack it first, with unzip"),
    "empty zip": (b"PK\x05\x06" + bytes(18), "a zip archive: unpack it first, with unzip"),
    "lzma": (lzma.compress(EVENTS, **LZMA), "lzma data: decompress it first: xz -dc"),
    "lzma, small window": (lzma.compress(EVENTS, preset=0, **LZMA), "lzma data: decompress it first: xz -dc"),
    "lzma, large window": (lzma.compress(EVENTS, preset=9, **LZMA), "lzma data: decompress it first: xz -dc"),
    "lz4": (b"\x04\x22\x4d\x18\x64\x40\xa7" + bytes(20), "lz4 data: decompress it first: lz4 -dc"),
    "compress": (b"\x1f\x9d\x90" + bytes(20), "data of compress (.Z): decompress it first: gzip -dc"),
    "zlib": (zlib.compress(EVENTS), "zlib data: decompress it first: pigz -dcz"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\x04", "a 7z archive: unpack it first, with 7z x"),
    "Parquet": (b"PAR1\x15\0", "a Parquet file: export the events as JSON first"),
    "Avro": (b"Obj\x01\x04\x16", "an Avro file: export the events as JSON first"),
    "UTF-16 with a mark": (EVENTS.decode().encode("utf-16"), "UTF-16, events are UTF-8: convert it first"),
    "UTF-32 with a mark": (EVENTS.decode().encode("utf-32"), "UTF-32, events are UTF-8: convert it first"),
    "a program": (b"\x7fELF\2\1\1" + bytes(9) + b"\3\0>\0\1" + bytes(400), "no text but binary data"),
    "encrypted": (bytes(byte * 151 % 256 for byte in range(512)), "no text but binary data"),
}


@pytest.mark.parametrize(("content", "message"), OTHERS.values(), ids=OTHERS)
def test_named_for_what_it_is(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(content)
    source = Source("capture", path)
    with pytest.raises(SourceError) as error:
        list(read_blocks(source))
    assert str(error.value).startswith(f"capture: this is {message}")
    assert plain_version(source) is None


@pytest.mark.parametrize(
    "content",
    [b"Po{}", b"]", b"]\0", b"LZ", b"OR", b"7z", b"\x04", b"ustar", b"\x1b[31m\1" * 9, b"{}\n" + bytes(99)],
    ids=repr,
)
def test_other_text_is_left_to_be_read(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "capture"
    path.write_bytes(content)
    assert b"".join(read_blocks(Source("capture", path))) == content
