"""Running what recurses deeper than Python's own limit allows."""

import sys
import threading
from collections.abc import Callable
from typing import TypeVar

_FRAMES = 50_000
_BYTES = 512 << 20
"""Of address space; what is not used of it takes no memory."""

Result = TypeVar("Result")


def deeply(work: Callable[[], Result]) -> Result:
    """Return what *work* returns, run on a stack that holds some 1,000 levels of JSON under any schema.

    Raises what *work* raises: RecursionError where that is not enough.
    """
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # told to the caller, below
            errors.append(error)

    limit, size = sys.getrecursionlimit(), threading.stack_size(_BYTES)
    sys.setrecursionlimit(_FRAMES)
    try:
        thread = threading.Thread(target=run, daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # no memory for the stack
            raise RecursionError from error
        thread.join()
    finally:
        threading.stack_size(size)
        sys.setrecursionlimit(limit)
    if errors:
        raise errors[0]
    return results[0]
