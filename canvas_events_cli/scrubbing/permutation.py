"""A keyed permutation of the numbers below any size: nothing to remember, no two numbers with one image.

A Feistel network over two halves of almost equal size, as in J. Black and P. Rogaway, *Ciphers with Arbitrary Finite
Domains* (2002), with keyed BLAKE2b as its round function; what falls outside is permuted again until it falls inside.
"""

from functools import cache, lru_cache
from hashlib import blake2b
from math import isqrt

LARGEST = 10**38
"""The largest size; halves stay far below the 512 bits of a digest."""

_ROUNDS = 10
"""As many as NIST SP 800-38G gives FF1."""


@lru_cache(maxsize=1 << 16)
def permute(number: int, size: int, key: bytes) -> int:
    """Return what stands for *number* among the integers from 0 to *size* - 1; never *number* itself but in size 1.

    The image is the next number in an order of all that the key alone determines: one cycle through everything, so
    that none is its own image.
    """
    return _cipher((_cipher(number, size, key, backwards=True) + 1) % size, size, key)


def _cipher(number: int, size: int, key: bytes, *, backwards: bool = False) -> int:
    left_size = isqrt(size - 1) + 1
    right_size = -(-size // left_size)
    rounds = range(_ROUNDS)[::-1] if backwards else range(_ROUNDS)
    sign = -1 if backwards else 1
    start = _start(size, key).copy
    while True:
        left, right = divmod(number, right_size)
        for step in rounds:
            mix = start()
            if step % 2:
                mix.update(b"%d:%d" % (step, left))
                right = (right + sign * int.from_bytes(mix.digest())) % right_size
            else:
                mix.update(b"%d:%d" % (step, right))
                left = (left + sign * int.from_bytes(mix.digest())) % left_size
        number = left * right_size + right
        if number < size:
            return number


@cache
def _start(size: int, key: bytes) -> blake2b:
    """Return the hash of what all rounds have in common: copies of it take half the time of new ones."""
    return blake2b(b"%d:" % size, key=key)
