"""How much memory stays in use."""

import gc
import tracemalloc
from collections.abc import Callable
from typing import TypeVar

Made = TypeVar("Made")


def kept(make: Callable[[], Made]) -> tuple[Made, int]:
    """Return what *make* returns, and how many bytes of all that it made are still held then."""
    gc.collect()
    tracemalloc.start()
    try:
        return make(), tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
