"""Pseudonyms of numbers: as many digits, in text as in JSON numbers, one for each.

Canvas ids keep what they mean to each other: a global id is shard x 10^13 + local, and its pseudonym is made of the
pseudonyms of both, so that it still names the same object as that of the local id alone.

Under it all is a keyed permutation of the numbers below any size: nothing to remember, no two numbers with one image.
It is a Feistel network over two halves of almost equal size, as in J. Black and P. Rogaway, *Ciphers with Arbitrary
Finite Domains* (2002), with keyed BLAKE2b as its round function.
"""

import re
from bisect import bisect
from collections.abc import Callable
from functools import cache, lru_cache, partial
from hashlib import blake2b
from math import isfinite, isqrt

from canvas_events_cli.remembered import Remembered

_LOCAL = 10**13
_SIGNED, _UNSIGNED = 2**63, 2**64
_SHARD_LIMITS = (900, 901, 922_337, 922_338)
"""Shards 900 and 922337 hold 2^53 and 2^63: which integers doubles and 64 bits can hold stays as it was."""
_NUMBER = re.compile(r"(-?)(\d+)((?:\.\d+)?)((?:[eE][+-]?\d+)?)", re.ASCII)
_MOST_DIGITS = 38
"""That are permuted: the halves of such numbers stay far below the 512 bits of a digest."""
_SMALL = 10**6
_ROUNDS = 10
"""As many as NIST SP 800-38G gives FF1."""


def replace_digits(text: str, key: bytes) -> str:
    """Return as many digits in place of *text*, ASCII digits; zeros at its beginning stay.

    >>> key = b"key"
    >>> replace_digits("21070000000000565", key)[-3:] == replace_digits("565", key)
    True
    """
    digits = text.lstrip("0")
    if not digits:
        return text
    zeros = text[: len(text) - len(digits)]
    if len(digits) > _MOST_DIGITS:
        digest = blake2b(b"digits:" + digits.encode(), key=key).digest()
        others = str(int.from_bytes(digest) | 1 << 511)
        return zeros + (others * (len(digits) // len(others) + 1))[: len(digits)]
    number = int(digits)
    if not _LOCAL <= number < _SIGNED:
        return f"{zeros}{_as_long(number, (_SIGNED, _UNSIGNED), key)}"
    shard, local = divmod(number, _LOCAL)
    return f"{zeros}{_as_long(shard, _SHARD_LIMITS, key)}{_as_long(local, (), key) if local else 0:013}"


def replace_number(token: str, key: bytes, *, fewest: int = 1) -> str:
    """Return a number in place of the JSON number *token*, in the same form; one of fewer digits than *fewest* stays.

    Where there is a point or an exponent, the first digit that counts may change and the last does not: a fraction
    stays one, and a number that a double holds stays one.
    """
    match = _NUMBER.fullmatch(token)
    if match is None:
        return token
    sign, whole, fraction, exponent = match.groups()
    digits = whole + fraction[1:]
    inexact = bool(fraction or exponent)
    core = digits.strip("0") if inexact else digits
    if len(core) < fewest:
        return token
    start = digits.index(core)
    end = start + len(core) - inexact
    while True:
        digits = digits[:start] + replace_digits(digits[start:end], key) + digits[end:]
        text = sign + digits[: len(whole)] + (fraction and "." + digits[len(whole) :]) + exponent
        if isfinite(float(text)):
            return text


@lru_cache(maxsize=1 << 16)
def permute(number: int, size: int, key: bytes) -> int:
    """Return what stands for *number* among the integers from 0 to *size* - 1; never *number* itself but in size 1.

    The image is the next number in an order of all that the key alone determines: one cycle through everything, so
    that none is its own image.
    """
    return _cipher((_cipher(number, size, key, backwards=True) + 1) % size, size, key)


def _as_long(number: int, limits: tuple[int, ...], key: bytes) -> int:
    """Return a number of as many digits that stands between the same of *limits*."""
    first = int(10 ** (len(str(number)) - 1))
    found = number
    while True:
        found = first + permute(found - first, 9 * first, key)
        if not limits or bisect(limits, found) == bisect(limits, number):
            return found


def _cipher(number: int, size: int, key: bytes, *, backwards: bool = False) -> int:
    left_size = isqrt(size - 1) + 1
    right_size = -(-size // left_size)
    sign = -1 if backwards else 1
    rounds = _rounds(size, key)[::sign]
    while True:
        left, right = divmod(number, right_size)
        for is_odd, mixed in rounds:
            if is_odd:
                right = (right + sign * mixed(left)) % right_size
            else:
                left = (left + sign * mixed(right)) % left_size
        number = left * right_size + right
        # What falls outside goes on until it falls inside: a permutation of the whole is one of the part, too.
        if number < size:
            return number


@cache
def _rounds(size: int, key: bytes) -> list[tuple[int, Callable[[int], int]]]:
    """Return what makes of one half what is added to the other, the left one in odd rounds."""

    def mixed(half: int, start: blake2b) -> int:
        mix = start.copy()  # which takes half the time of a new one
        mix.update(b"%d" % half)
        return int.from_bytes(mix.digest())

    makes = [partial(mixed, start=blake2b(b"%d:%d:" % (size, step), key=key)) for step in range(_ROUNDS)]
    # Short numbers have so few halves that all are soon known.
    return [(step % 2, Remembered(made).__getitem__ if size <= _SMALL else made) for step, made in enumerate(makes)]
