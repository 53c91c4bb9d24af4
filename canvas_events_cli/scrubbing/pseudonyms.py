"""Pseudonyms: what stands for a value, the same wherever the value stands, and of its shape.

All of them come from keyed BLAKE2b (RFC 7693): without the key nothing leads back. Two values never share one: digits
and IPv4 addresses are permuted, everything else becomes a digest of more than 100 bits.
"""

import re
from collections.abc import Callable
from hashlib import blake2b
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from urllib.parse import quote, unquote

from canvas_events_cli.remembered import Remembered
from canvas_events_cli.scrubbing.digits import permute, replace_digits

_RESERVED_DOMAIN = "invalid"
"""A top-level domain that will never exist (RFC 2606)."""
_LENGTH = 24
"""Of a pseudonym for text: 103 bits."""
_CONSONANTS = b"bcdfghjklmnpqrstvwxz"
"""What it is made of: no word comes up without vowels, and no id without digits."""
_ALPHANUMERIC = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_IN_CONSONANTS, _IN_ALPHANUMERIC = (
    bytes(letters[byte % len(letters)] for byte in range(256)) for letters in (_CONSONANTS, _ALPHANUMERIC)
)
_DOCUMENTATION = int(IPv6Address("2001:db8::"))


class Pseudonyms:
    """Makes the pseudonyms of one key."""

    def __init__(self, key: bytes) -> None:
        """*key* has at most 64 bytes."""
        self.key = key
        self._keyed = blake2b(key=key)
        self.text = Remembered(self._text).__getitem__
        """Returns the pseudonym of a text, whatever it is; an empty one stays."""
        self.host = Remembered(self._host).__getitem__
        """Returns the pseudonym of a host's name or address."""
        self._of_authority = Remembered(self._authority).__getitem__
        self._of_segment = Remembered(self._segment).__getitem__
        self._of_parameter = Remembered(self._parameter).__getitem__

    def _text(self, value: str) -> str:
        if not value:
            return value
        for fits, replace in _FORMS:
            if (match := fits(value)) and (replaced := replace(self, match)):
                return replaced
        return self.opaque(value)

    def opaque(self, value: str) -> str:
        """Return 24 letters for *value* that show nothing of it, not even its length."""
        return self.digest(value)[:_LENGTH].translate(_IN_CONSONANTS).decode()

    def _host(self, value: str) -> str:
        return self.ip(value) or (f"{self.opaque(value)}.{_RESERVED_DOMAIN}" if value else value)

    def ip(self, value: str) -> str | None:
        """Return the pseudonym of an IP address, of its family; None for anything else.

        IPv6 addresses go to the range for documentation (RFC 3849). That of IPv4 is too small for one each.
        """
        try:
            if ":" not in value:
                return str(IPv4Address(permute(int(IPv4Address(value)), 2**32, self.key)))
            IPv6Address(value)
        except AddressValueError:
            return None
        return str(IPv6Address(_DOCUMENTATION | int.from_bytes(self.digest(value)[:12])))

    def digest(self, value: str) -> bytes:
        """Return 64 bytes that stand for *value*."""
        digest = self._keyed.copy()  # which takes two thirds of the time of a new one
        digest.update(value.encode())
        return digest.digest()

    def url(self, text: str) -> str:
        """Return the pseudonym of the address *text*, absolute or not; any other text is taken for a path.

        Which page it is stays readable, what identifies anything does not: of the path the words of Canvas' own routes
        stay, of the query the names of its parameters. All else gets, piece by piece, the pseudonym that it has
        anywhere.
        """
        match = _URL.fullmatch(text)
        assert match is not None  # noqa: S101 (every text has these parts, all of which may be empty)
        scheme, authority, path, query, fragment = match.groups()
        if authority:
            authority = "//" + self._of_authority(authority[2:])
        if query:
            query = "?" + "&".join(map(self._of_parameter, query[1:].split("&")))
        if fragment:
            fragment = "#" + self._piece(fragment[1:])
        path = "/".join(map(self._of_segment, path.split("/")))
        return f"{scheme}{authority}{path}{query}{fragment}"

    def _authority(self, authority: str) -> str:
        match = _AUTHORITY.fullmatch(authority)
        if match is None:
            return self.host(authority)
        user, host, port = match.groups()
        replaced = self.host(host)
        # An IPv6 address is one inside its brackets.
        if host.startswith("[") and ":" in (address := self.host(host[1:-1])):
            replaced = f"[{address}]"
        return f"{f'{self.opaque(user)}@' if user is not None else ''}{replaced}{port}"

    def _segment(self, segment: str) -> str:
        if segment in _ROUTES:
            return segment
        named = _NAMED.fullmatch(segment)
        return f"{named[1]}:{self._piece(named[2])}" if named else self._piece(segment)

    def _parameter(self, pair: str) -> str:
        name, equals, value = pair.partition("=")
        if name not in _PARAMETERS and _ID_NAME.fullmatch(name) is None:
            name = self._piece(name)
        match = _VALUE.fullmatch(value)
        assert match is not None  # noqa: S101 (every text has these parts, all of which may be empty)
        before, value, after = match.groups()
        return f"{name}{equals}{before}{self._piece(value)}{after}"

    def _piece(self, piece: str) -> str:
        """Return the pseudonym of what *piece* stands for, percent-encoded as *piece* is: as one-to-one as it was."""
        if "%" not in piece:
            return self.text(piece)
        value = unquote(piece)
        if quote(value, safe="") != piece:
            return self.opaque(piece)
        replaced = quote(self.text(value), safe="")
        return replaced if "%" in replaced else f"%{ord(replaced[0]):02X}{replaced[1:]}"


def _sharded(made: Pseudonyms, match: re.Match[str]) -> str:
    """Canvas also writes a global id as shard, tilde and local id."""
    whole = replace_digits(f"{match[1]}{match[2]:0>13}", made.key)
    return f"{whole[:-13]}~{replace_digits(match[2], made.key)}"


def _uuid(made: Pseudonyms, match: re.Match[str]) -> str:
    """Return a uuid of the same version and variant (RFC 9562), the same for both cases but for its case."""
    value, digits = match[0], made.digest(match[0].lower()).hex()
    text = f"{digits[:8]}-{digits[8:12]}-{value[14]}{digits[13:16]}-{value[19]}{digits[17:20]}-{digits[20:32]}"
    return text.upper() if value.isupper() else text.lower()


def _hexadecimal(made: Pseudonyms, match: re.Match[str]) -> str:
    digits = made.digest(match[0]).hex()[: len(match[0])]
    return digits.upper() if match[0].isupper() else digits


_SPLIT_AT_COLONS = re.compile("(:)").split
_IS_ID = re.compile(r"\d+|[0-9a-f]{32}", re.ASCII).fullmatch
_ROWS: tuple[tuple[str, Callable[[Pseudonyms, re.Match[str]], str | None]], ...] = (
    (r"\d+", lambda made, match: replace_digits(match[0], made.key)),
    (r"([1-9]\d{0,4})~([1-9]\d{0,12})", _sharded),
    (r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", _uuid),
    (r"[0-9a-f]{32,128}|[0-9A-F]{32,128}", _hexadecimal),
    (r"[0-9A-Za-z]{40}", lambda made, match: made.digest(match[0])[:40].translate(_IN_ALPHANUMERIC).decode()),
    # The topmost account's LTI guid: its uuid, and which program it is.
    (r"([0-9A-Za-z]{40})([.:]canvas-lms)", lambda made, match: made.text(match[1]) + match[2]),
    # How Caliper names things of Canvas, and events: kinds and roles stay, ids are replaced.
    (
        r"urn:instructure:canvas(?::[A-Za-z_]{1,40}:(?:\d+|[0-9a-f]{32}))+",
        lambda made, match: "".join(made.text(part) if _IS_ID(part) else part for part in _SPLIT_AT_COLONS(match[0])),
    ),
    (r"urn:uuid:([0-9A-Fa-f-]{36})", lambda made, match: f"urn:uuid:{made.text(match[1])}"),
    (r"[0-9.]{7,15}|[0-9A-Fa-f:.%]{2,60}", lambda made, match: made.ip(match[0])),
    (r"([^\s@<>]+)@([^\s@<>]+)", lambda made, match: f"{made.text(match[1])}@{made.host(match[2])}"),
)
_FORMS = tuple((re.compile(pattern, re.ASCII).fullmatch, replace) for pattern, replace in _ROWS)
"""Forms that a pseudonym keeps, tried in order."""

_URL = re.compile(
    r"((?:https?:)?)((?://[^/?#]*)?)([^?#]*)((?:\?[^#]*)?)((?:#.*)?)", re.ASCII | re.DOTALL | re.IGNORECASE
)
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^]]*\]|[^:]*)((?::\d*)?)", re.ASCII | re.DOTALL)
_NAMED = re.compile(r"((?:sis|lti)_[a-z_]+|uuid):(.+)", re.ASCII | re.DOTALL)
"""How an API address names an object by another id than Canvas' own: ``sis_user_id:T-20431``."""
_ID_NAME = re.compile(r"[a-z_]{0,40}_ids?(?:\[\])?", re.ASCII)
_BLANKS = r"(?:[\s+]|%(?:20|0[9A-D]))*+"
_VALUE = re.compile(rf"({_BLANKS})((?:{_BLANKS}.)*+)({_BLANKS})", re.DOTALL | re.IGNORECASE)
"""The value of a parameter between blanks, which stay: alone they are none, and around an id they are passed over."""

# What an address is made of that stays: words of the addresses in Canvas' published REST API and of its pages.
_ROUTE_WORDS = """
    accounts activity_stream admins alignments analytics announcements answers api appointment_groups
    assignment_groups assignments associated attachments authentication_providers avatars blueprint_subscriptions
    blueprint_templates bookmarks by_path calendar calendar_events canvas collaborations comments
    communication_channels conferences content_exports content_migrations content_shares contents conversations copy
    course_copy courses custom_data dashboard deploy discussion_topics download duplicate edit enrollments entries
    entry_list external_feeds external_tools favorites feeds files folders front_page global gradebook
    gradebook_history grades grading_periods grading_standards graphql group_categories groups history imports inbox
    items jobs late_policy learn login logins logout lti media_objects members memberships merge messages migrations
    moderate module_items modules new notifications oauth2 observees observers outcome_alignments
    outcome_group_links outcome_groups outcome_imports outcome_results outcome_rollups outcomes overrides page_views
    pages pairs peer_reviews permissions planner preview profile progress publish questions quiz_groups quizzes
    ratings read read_all recipients registrations reply report reports restore results retry_alignment_clone
    revisions roles root rubric_assessments rubric_associations rubrics search sections self sequences services
    sessionless_launch settings shared_brand_configs sis_imports speed_grader spread statistics stats students
    submission_comments submissions subscriptions syllabus tabs take terms tests todo token topics undelete
    unread_count update upload usage user users v1 validate view wiki
"""
_PARAMETER_WORDS = """
    access_token enrollment_type enrollment_type[] enrollment_state[] include include[] order order_by page per_page
    search_term sort state state[] type types types[] code client redirect_uri response_type scope
"""
_ROUTES, _PARAMETERS = frozenset(_ROUTE_WORDS.split()), frozenset(_PARAMETER_WORDS.split())
