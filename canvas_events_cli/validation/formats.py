"""Formats as their standards define them: for the reference engine all, for the other one those that it has otherwise.

Each is a function from a text to whether it is in the format.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from ipaddress import IPv4Address, IPv6Address
from operator import methodcaller
from unicodedata import normalize

from canvas_events_cli.catalog.dialects import DIALECTS, Dialect
from canvas_events_cli.regex import best_matcher, has_rust
from canvas_events_cli.timestamps import is_date_time

FormatCheck = Callable[[str], bool]


def _matches(pattern: str) -> FormatCheck:
    compiled = _when_needed(pattern, re.ASCII | re.VERBOSE)
    return lambda text: compiled().fullmatch(text) is not None


def _when_needed(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """Compile *pattern* on the first call: all of them together take longer than start-up."""
    return cache(partial(re.compile, pattern, flags))


def _read_by(read: Callable[[str], object]) -> FormatCheck:
    """Return whether *read* takes a text, or raises a ValueError."""

    def holds(text: str) -> bool:
        try:
            read(text)
        except ValueError:
            return False
        return True

    return holds


_is_ipv4 = _read_by(IPv4Address)
_is_ipv6_with_scope = _read_by(IPv6Address)


def _is_ipv6(text: str) -> bool:
    return _is_ipv6_with_scope(text) and "%" not in text


_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_is_labels = _matches(rf"{_LABEL}(?:\.{_LABEL})*")


def _is_hostname(text: str) -> bool:
    """Tell whether *text* is a name by RFC 1123; IDNA decides on labels with hyphens in the third and fourth place."""
    reserved = any(label[2:4] == "--" for label in text.split("."))
    return len(text) <= 253 and _is_labels(text) and (not reserved or _by_tables("hostname")(text))


_DOTS = re.compile("[.\u3002\uff0e\uff61]")
_KEPT_BY_IDNA = str.maketrans("", "", "\u00df\u03c2\u06fd\u06fe\u0f0b\u3007\u200c\u200d")
"""Characters that RFC 5892 allows though they do not survive a change of case."""


def _is_idn_hostname(text: str) -> bool:
    """Tell whether *text* is a name by RFC 5890, which asks for lower case and normal form; the packages map others."""
    for label in _DOTS.split(text):
        kept = label.translate(_KEPT_BY_IDNA)
        if not label or not (kept.isascii() or kept == normalize("NFKC", normalize("NFKC", kept).casefold())):
            return False
    return _by_tables("idn-hostname")(text)


@cache
def _by_tables(name: str) -> FormatCheck:
    """Return the check of what has the tables of IDNA: jsonschema-rs, else idna, else Python, whose are of 2003."""
    if has_rust():
        from jsonschema_rs import Draft202012Validator

        return Draft202012Validator({"format": name}, validate_formats=True, offline=True).is_valid
    try:
        from idna import alabel as encode
    except ImportError:
        encode: Callable[[str], bytes] = methodcaller("encode", "idna")  # type: ignore[no-redef]

    def holds(text: str) -> bool:
        try:
            return all(map(encode, _DOTS.split(text)))
        except UnicodeError:  # which IDNAError is
            return False

    return holds


_ATOM = r"[A-Za-z0-9!\#$%&'*+/=?^_`{|}~-]"
_WIDE = r"\u0080-\U0010ffff"


def _email(atom: str, wide: str, is_domain: FormatCheck) -> FormatCheck:
    """Return the check of a mailbox by RFC 5321, whose atoms and quoted texts hold these characters."""
    is_local = _matches(rf'(?:{atom})+(?:\.(?:{atom})+)*|"(?:[\ !\#-\[\]-~{wide}]|\\[\ -~])*"')

    def holds(text: str) -> bool:
        local, at, domain = text.rpartition("@")
        if not at or len(local.encode()) > 64 or not is_local(local):
            return False
        if domain.startswith("[") and domain.endswith("]"):
            literal = domain[1:-1]
            return _is_ipv6(literal[5:]) if literal.lower().startswith("ipv6:") else _is_ipv4(literal)
        return is_domain(domain)

    return holds


_IUNRESERVED = (
    r"\u00a0-\ud7ff\uf900-\ufdcf\ufdf0-\uffef"
    + "".join(rf"\U000{plane:x}0000-\U000{plane:x}fffd" for plane in range(1, 14))
    + r"\U000e1000-\U000efffd"
)
_PRIVATE = r"\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd"


def _uri(more: str = "", private: str = "", *, relative: bool) -> FormatCheck:
    """Return the check of RFC 3986; with *more* unreserved characters, and *private* ones in queries, of RFC 3987."""
    plain = rf"[A-Za-z0-9._~!$&'()*+,;={more}-]|%[0-9A-Fa-f]{{2}}"
    pchar = rf"(?:{plain}|[:@])"
    authority = rf"//(?:(?:{plain}|:)*@)?(?:\[(?P<ip>[^\]]*)\]|(?:{plain})*)(?::[0-9]*)?"
    path_abempty = rf"(?:/{pchar}*)*"
    query = rf"(?:\?(?:{pchar}|[/?{private}])*)?"
    fragment = rf"(?:\#(?:{pchar}|[/?])*)?"
    rootless = rf"{pchar}+{path_abempty}"
    hier = rf"(?:{authority}{path_abempty}|/(?:{rootless})?|{rootless}|)"
    noscheme = rf"(?:{plain}|@)+{path_abempty}"
    relative_part = hier.replace("(?P<ip>", "(?P<ip2>").replace(f"|{rootless}|)", f"|{noscheme}|)")
    whole = rf"[A-Za-z][A-Za-z0-9+.-]*:{hier}{query}{fragment}"
    if relative:
        whole = rf"(?:{whole}|{relative_part}{query}{fragment})"
    compiled = _when_needed(whole)

    def holds(text: str) -> bool:
        found = compiled().fullmatch(text)
        if found is None:
            return False
        address = next(filter(None, found.groups()), None)
        return "[]" not in text if address is None else _is_ipv6(address) or _is_future(address)

    return holds


_is_future = _matches(r"[Vv][0-9A-Fa-f]+\.[A-Za-z0-9._~!$&'()*+,;=:-]+")


_TEMPLATE = r"""
    (?: [\x21\x23\x24\x26-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e\u00a0-\ud7ff\ue000-\U0010fffd]
      | %[0-9A-Fa-f]{2}
      | \{ [+\#./;?&=,!@|]? VARIABLE (?: , VARIABLE )* \}
    )*
""".replace("VARIABLE", r"(?: NAME (?: \.? NAME )* (?: :[1-9][0-9]{0,3} | \* )? )").replace(
    "NAME", r"(?: [A-Za-z0-9_] | %[0-9A-Fa-f]{2} )"
)

_FORMATS: Mapping[str, FormatCheck] = {
    "date": lambda text: is_date_time(f"{text}T00:00:00Z"),
    "date-time": is_date_time,
    "duration": _matches(
        r"""P (?: [0-9]+W | (?=[0-9T]) (?: [0-9]+Y (?:[0-9]+M (?:[0-9]+D)?)? | [0-9]+M (?:[0-9]+D)? | [0-9]+D )?
            (?: T (?: [0-9]+H (?:[0-9]+M (?:[0-9]+S)?)? | [0-9]+M (?:[0-9]+S)? | [0-9]+S ) )? )"""
    ),
    "email": _email(_ATOM, "", _is_hostname),
    "hostname": _is_hostname,
    "idn-email": _email(f"{_ATOM}|[{_WIDE}]", _WIDE, _is_idn_hostname),
    "idn-hostname": _is_idn_hostname,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "iri": _uri(_IUNRESERVED, _PRIVATE, relative=False),
    "iri-reference": _uri(_IUNRESERVED, _PRIVATE, relative=True),
    "json-pointer": _matches(r"(?:/(?:[^~/]|~[01])*)*"),
    "regex": _read_by(best_matcher),
    "relative-json-pointer": _matches(r"(?:0|[1-9][0-9]*)(?:\#|(?:/(?:[^~/]|~[01])*)*)"),
    "time": lambda text: is_date_time(f"1970-01-01T{text}"),
    "uri": _uri(relative=False),
    "uri-reference": _uri(relative=True),
    "uri-template": _matches(_TEMPLATE),
    "uuid": _matches(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
}
TAKEN_OTHERWISE = frozenset(("date", "date-time", "idn-email", "idn-hostname", "regex"))
"""Formats that jsonschema-rs takes otherwise (its calendar has a year 0, and goes on past 9999); a call from there
costs more than a check of its own."""

_SINCE = {
    "draft 6": ("json-pointer", "uri-reference", "uri-template"),
    "draft 7": ("idn-hostname", "iri", "iri-reference", "relative-json-pointer"),
    "2019-09": ("duration", "uuid"),
}
_OLDEST_FIRST = [*reversed(DIALECTS)]


def formats_of(dialect: Dialect) -> Mapping[str, FormatCheck]:
    """Return the formats that *dialect* has; others are annotations there, in both engines."""
    age = _OLDEST_FIRST.index(dialect.name)
    later = {name for since, names in _SINCE.items() if _OLDEST_FIRST.index(since) > age for name in names}
    return {name: holds for name, holds in _FORMATS.items() if name not in later}
