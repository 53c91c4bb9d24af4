"""What is run beside what: cevents and other tools at the same work, and how many times as fast it is to be."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import family
import stream

CEVENTS = [str(Path(sys.executable).with_name("cevents"))]
EVENT = "outcomes.retry_outcome_alignment_clone"
_HERE = Path(__file__).parent


class Run(NamedTuple):
    """One tool at one job; the first one of a job is cevents with all cores."""

    job: str
    tool: str
    command: list[str] | None
    """None where the tool is not installed."""
    floor: float = 1
    """How many times as long as cevents it is to take at least."""


def streams(folder: Path, events: int) -> dict[str, Path]:
    """Write the streams that the jobs are done on, unless they are there; return them by name.

    Sourcemeta takes files for lines of JSON by their ending.
    """
    odd = family.FAMILY
    made = {
        "plain": stream.retries(events),
        "offsets": family.redelivered(odd["times with offsets"](stream.retries(events))),
        "SQS messages": odd["SQS messages"](stream.retries(events)),
    }
    return {name: stream.write(folder / f"peers-{events}-{name[:3]}.jsonl", lines) for name, lines in made.items()}


def runs(files: Mapping[str, Path], folder: Path, tools: Path) -> Iterator[Run]:
    """Yield what is compared; *tools* is the folder with ``node_modules``, *folder* takes a schema."""
    yield from _validating({name: files[name] for name in ("plain", "offsets")}, folder, tools)
    wanted = f"select(.body.status == {json.dumps(stream.HALF)})"
    yield from _filtering("filter, half of the events", str(files["plain"]), wanted)
    messages = str(files["SQS messages"])
    yield from _cevents("filter, SQS messages", ["filter", "-w", f"body.status={stream.HALF}", messages])
    yield Run(
        "filter, SQS messages",
        "jq, fromjson",
        _found("jq", "-c", f".Records[].body | fromjson | {wanted}", messages),
        3,
    )
    for name in ("plain", "offsets"):
        job = f"summarize, {name}"
        yield from _cevents(job, ["summarize", "-o", "json", str(files[name])])
        for tool in ("DuckDB", "Polars"):
            script = _HERE / f"summarize_{tool.lower()}.py"
            yield Run(job, f"{tool}, the same document", [sys.executable, str(script), str(files[name])], 2)


def _cevents(job: str, arguments: list[str]) -> Iterator[Run]:
    cores = str(os.cpu_count())
    yield Run(job, f"cevents -j {cores}", [*CEVENTS, *arguments, "-j", cores])
    yield Run(job, "cevents -j 1", [*CEVENTS, *arguments, "-j", "1"], 1.6)


def _validating(files: Mapping[str, Path], folder: Path, tools: Path) -> Iterator[Run]:
    schema = folder / "event.json"
    schema.write_text(json.dumps(event_schema()))
    sourcemeta = next((tools / "node_modules").glob(".bin/jsonschema"), None)
    has_ajv = (tools / "node_modules" / "ajv").exists()
    for name, file in files.items():
        job = f"validate, {name}"
        yield from _cevents(job, ["validate", "-q", str(file)])
        fast = [str(sourcemeta), "validate", "--fast", str(schema), str(file)] if sourcemeta else None
        yield Run(job, "Sourcemeta --fast", fast, 5)
        ajv = ["node", str(_HERE / "validate_ajv.cjs"), str(schema), str(file)] if has_ajv else None
        yield Run(job, "Ajv, compiled", ajv, 5)


def _filtering(job: str, file: str, wanted: str) -> Iterator[Run]:
    yield from _cevents(job, ["filter", "-w", f"body.status={stream.HALF}", file])
    yield Run(job, "jq", _found("jq", "-c", wanted, file), 8)
    yield Run(job, "DuckDB, the same lines", [sys.executable, str(_HERE / "filter_duckdb.py"), file, stream.HALF])


def event_schema() -> object:
    """Return the envelope's and the body's schema as one that other validators take."""
    envelope, body = (
        json.loads(subprocess.check_output([*CEVENTS, "schema", "show", name, "-o", "json"]))
        for name in ("envelope", EVENT)
    )
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [envelope, {"properties": {"body": body}}],
    }


def _found(program: str, *arguments: str) -> list[str] | None:
    return [program, *arguments] if shutil.which(program) else None
