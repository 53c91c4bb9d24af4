"""Whether a word that a selection asks for, and that has not been seen yet, may be in a batch, by its bytes."""

import re
from functools import lru_cache

from canvas_events_cli.framing.fast.batches import Batch
from canvas_events_cli.pointers import is_index
from canvas_events_cli.query.fast.traces import escapes_of
from canvas_events_cli.query.fields import Field
from canvas_events_cli.query.noticing import Notices

_ALWAYS_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_GLOB_MAGIC = re.compile(r"[*?]|\[.*", re.DOTALL)
_IS_SPELLED_ONCE = re.compile(r"[\w./-]+", re.ASCII).fullmatch


def may_notice(notices: Notices, batch: Batch) -> bool:
    """Tell whether in *batch* something may be that the *notices* still look for."""
    block, start, end = batch.block, batch.start, batch.end
    if any(block.find(trace, start, end) >= 0 for word in notices.missing for trace in _traces(word)):
        return True
    has_escapes = bool(notices.missing) and block.find(b"\\", start, end) >= 0
    return has_escapes and any(_escapes(word).search(block, start, end) for word in notices.missing)


@lru_cache(maxsize=256)
def _traces(word: str | Field) -> tuple[bytes, ...]:
    """Return texts of which one is in JSON that has *word*, also in that of a wrapper; an empty one is in all."""
    if isinstance(word, str):
        # The name of a Caliper event is made of two texts.
        return (b"",) if "/" in word else (_in_any(word).encode(errors="surrogatepass"),)
    key = next((key for key in reversed(word.paths[0]) if not is_index(key)), "")
    return (f'"{key}"'.encode(), f'"{key}\\'.encode()) if _IS_SPELLED_ONCE(key) else (b"",)


@lru_cache(maxsize=256)
def _escapes(word: str | Field) -> re.Pattern[bytes]:
    """Return what finds escapes that may stand for a part of these texts."""
    characters = {*b"".join(_traces(word)).decode(errors="surrogatepass")} - {*'"\\'}
    return escapes_of(characters)


def _in_any(glob: str) -> str:
    """Return the longest piece that stands as it is in JSON of any string that the shell pattern *glob* matches."""
    return max((piece for run in _GLOB_MAGIC.split(glob) for piece in _ALWAYS_ESCAPED.split(run)), key=len)
