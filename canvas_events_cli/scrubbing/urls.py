"""Pseudonyms of addresses: which page it is stays readable, what identifies anything does not.

Of the path the words of Canvas' own routes stay, of the query the names of its parameters. Everything else is
replaced piece by piece, by the pseudonym that it has anywhere.
"""

import re
from urllib.parse import quote, unquote

from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms

_PARTS = re.compile(
    r"((?:https?:)?)((?://[^/?#]*)?)([^?#]*)((?:\?[^#]*)?)((?:#.*)?)", re.ASCII | re.DOTALL | re.IGNORECASE
)
_AUTHORITY = re.compile(r"(?:(.*)@)?(\[[^]]*\]|[^:]*)((?::\d*)?)", re.ASCII | re.DOTALL)
_NAMED = re.compile(r"((?:sis|lti)_[a-z_]+|uuid):(.+)", re.ASCII | re.DOTALL)
"""How an API address names an object by another id than Canvas' own: ``sis_user_id:T-20431``."""
_ID_NAME = re.compile(r"[a-z_]{0,40}_ids?(?:\[\])?", re.ASCII)

# Words of the addresses in Canvas' published REST API and of its pages.
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


def replace_url(text: str, made: Pseudonyms) -> str:
    """Return the pseudonym of the address *text*, absolute or not; any other text is taken for a path."""
    match = _PARTS.fullmatch(text)
    assert match is not None  # noqa: S101 (every text has these parts, all of which may be empty)
    scheme, authority, path, query, fragment = match.groups()
    if authority:
        authority = "//" + _replace_authority(authority[2:], made)
    if query:
        query = "?" + "&".join(_replace_parameter(pair, made) for pair in query[1:].split("&"))
    if fragment:
        fragment = "#" + _replace_piece(fragment[1:], made)
    path = "/".join(_replace_segment(segment, made) for segment in path.split("/"))
    return f"{scheme}{authority}{path}{query}{fragment}"


def _replace_authority(authority: str, made: Pseudonyms) -> str:
    match = _AUTHORITY.fullmatch(authority)
    if match is None:
        return made.host(authority)
    user, host, port = match.groups()
    replaced = made.host(host)
    # An IPv6 address is one inside its brackets.
    if host.startswith("[") and ":" in (address := made.host(host[1:-1])):
        replaced = f"[{address}]"
    return f"{f'{made.opaque(user)}@' if user is not None else ''}{replaced}{port}"


def _replace_segment(segment: str, made: Pseudonyms) -> str:
    if segment in _ROUTES:
        return segment
    named = _NAMED.fullmatch(segment)
    return f"{named[1]}:{_replace_piece(named[2], made)}" if named else _replace_piece(segment, made)


def _replace_parameter(pair: str, made: Pseudonyms) -> str:
    name, equals, value = pair.partition("=")
    if name not in _PARAMETERS and _ID_NAME.fullmatch(name) is None:
        name = _replace_piece(name, made)
    return name + equals + _replace_piece(value, made)


def _replace_piece(piece: str, made: Pseudonyms) -> str:
    """Return the pseudonym of what *piece* stands for, percent-encoded as *piece* is: as one-to-one as it was."""
    if "%" not in piece:
        return made.text(piece)
    value = unquote(piece)
    if quote(value, safe="") != piece:
        return made.opaque(piece)
    replaced = quote(made.text(value), safe="")
    return replaced if "%" in replaced else f"%{ord(replaced[0]):02X}{replaced[1:]}"
