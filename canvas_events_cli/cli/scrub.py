"""``cevents scrub``: write the same events with personal data replaced."""

import os
from itertools import chain
from pathlib import Path

from canvas_events_cli.cli.options import LIMIT, OUTPUT, QUIET, Jobs, Schemas, Sources, complete_field, grouped, option
from canvas_events_cli.cli.reading import Reading, rejects_kept
from canvas_events_cli.cli.selection import PickedByVerdict
from canvas_events_cli.cli.streams import Results, say
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.outputs import InputFile

_PSEUDONYMS = "Pseudonyms"
KEY_VARIABLE = "CEVENTS_SCRUB_KEY"


@grouped
def scrub(
    *,
    key: str | None = option(
        _PSEUDONYMS,
        "--key KEY",
        "Make the same pseudonyms with the same KEY: long, random and secret. A random one by default. Other "
        "users of the computer can see it here: --key-file is safer.",
    ),
    key_file: Path | None = option(
        _PSEUDONYMS, "--key-file FILE", "Take the key from FILE, without the line feed at its end."
    ),
    keep: list[str] | None = option(
        _PSEUDONYMS, "--keep FIELD", "Leave this field as it is; repeatable.", autocompletion=complete_field
    ),
    shift: str | None = option(
        _PSEUDONYMS, "--shift DURATION", "Move all times by 90m, 2h, 7d, -4w: their order and distances stay."
    ),
    limit: int | None = LIMIT,
    rejects: Path | None = option(
        OUTPUT, "--rejects FILE", "Keep malformed input in FILE, byte for byte: it is not scrubbed."
    ),
    picked: PickedByVerdict,
    inputs: Sources,
    jobs: Jobs,
    schemas: Schemas,
    quiet: bool = QUIET,
) -> int:
    """Write the same events with personal data replaced, so that a capture can be shared.

    Names, logins, ids, addresses and texts become pseudonyms of the same shape, the same wherever a value stands.
    Wrapped events are scrubbed where they are: a record is kept whole when any event in it is picked. Exits 0, or 2
    for a wrong option or an unreadable source.

    For example:
    cevents scrub capture.ndjson > shared.ndjson  # the same events without personal data
    cevents scrub --key-file key --keep body.title monday.ndjson > shared.ndjson  # the same pseudonyms every day
    """
    from canvas_events_cli.rendering.safe_text import terminal_json_bytes
    from canvas_events_cli.streaming import scrub_parts, scrub_spec

    spec = scrub_spec(
        schemas.catalog, key=_key(key, key_file, quiet=quiet), keep=keep or (), shift="0s" if shift is None else shift
    )
    choice = picked.choice(schemas)
    results = Results()
    events = 0
    reading = Reading(inputs, quiet=quiet)
    others = chain(schemas.files(), [InputFile(f"the keys {key_file}", key_file)] if key_file else ())
    with rejects_kept(rejects, reading, others) as keep_rejects, reading:
        for block in reading.reports(scrub_parts(reading.events(choice, jobs), spec, limit)):
            if results.is_terminal:
                reading.clear()
            events += len(block.records)
            reading.count(events, "records")
            keep_rejects(block.rejects)
            results.write(b"".join(map(terminal_json_bytes, block.records) if results.is_terminal else block.records))
            results.flush()
    return reading.close(picked, schemas, kept=rejects is not None, told=limit != 0)


def _key(key: str | None, key_file: Path | None, *, quiet: bool) -> str | bytes | None:
    """Return the key that the options name, else that of the environment; None where there is none."""
    if key is None and key_file is None:
        return os.environ.get(KEY_VARIABLE)
    if key_file is None:
        if not quiet:
            say("cevents: other users can see a key on the command line: --key-file is safer")
        return key
    if key is not None:
        raise CeventsError("--key and --key-file each name the key: leave one out")
    from canvas_events_cli.wrappers.keys import read_key_file

    return read_key_file(key_file, "the key", "file with a key").removesuffix(b"\n").removesuffix(b"\r")
