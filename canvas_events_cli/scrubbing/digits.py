"""Pseudonyms of numbers: as many digits, in text as in JSON numbers, one for each.

Canvas ids keep what they mean to each other: a global id is shard x 10^13 + local, and its pseudonym is made of the
pseudonyms of both, so that it still names the same object as that of the local id alone.
"""

import re
from bisect import bisect
from hashlib import blake2b
from math import isfinite

from canvas_events_cli.scrubbing.permutation import LARGEST, permute

_LOCAL = 10**13
_SIGNED, _UNSIGNED = 2**63, 2**64
_SHARD_LIMITS = (900, 901, 922_337, 922_338)
"""Shards 900 and 922337 hold 2^53 and 2^63: which integers doubles and 64 bits can hold stays as it was."""
_NUMBER = re.compile(r"(-?)(\d+)((?:\.\d+)?)((?:[eE][+-]?\d+)?)", re.ASCII)


def replace_digits(text: str, key: bytes) -> str:
    """Return as many digits in place of *text*, ASCII digits; zeros at its beginning stay.

    >>> key = b"key"
    >>> replace_digits("21070000000000565", key)[-3:] == replace_digits("565", key)
    True
    """
    number = text.lstrip("0")
    zeros = text[: len(text) - len(number)]
    if not number:
        return text
    if len(number) > len(str(LARGEST)) - 1:
        return zeros + _many_digits(number, key)
    return zeros + str(_replace(int(number), key))


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


def replace_ipv4(number: int, key: bytes) -> int:
    """Return the IPv4 address in place of another, both as numbers."""
    return permute(number, 2**32, key)


def _replace(number: int, key: bytes) -> int:
    if not _LOCAL <= number < _SIGNED:
        return _as_long(number, (_SIGNED, _UNSIGNED), key)
    shard, local = divmod(number, _LOCAL)
    return _as_long(shard, _SHARD_LIMITS, key) * _LOCAL + (_as_long(local, (), key) if local else 0)


def _as_long(number: int, limits: tuple[int, ...], key: bytes) -> int:
    """Return a number of as many digits that stands between the same of *limits*."""
    first = int(10 ** (len(str(number)) - 1))
    found = number
    while True:
        found = first + permute(found - first, 9 * first, key)
        if not limits or bisect(limits, found) == bisect(limits, number):
            return found


def _many_digits(text: str, key: bytes) -> str:
    digest = blake2b(b"digits:" + text.encode(), key=key).digest()
    digits = str(int.from_bytes(digest) | 1 << 511)
    return (digits * (len(text) // len(digits) + 1))[: len(text)]
