"""Pseudonyms of texts and addresses."""

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.scrubbing.pseudonyms import Pseudonyms
from canvas_events_cli.summary.retry_clone import ids_from_url

MADE = Pseudonyms(b"key")
TEXT = "[b-df-hj-np-tv-xz]{24}"
SHAPES = {
    "nothing": ("", ""),
    "a name": ("Aur\u00e9lie", TEXT),
    "white space": (" ", TEXT),
    "digits": ("123456", r"[1-9]\d{5}"),
    "digits of another script": ("\uff11\uff12", TEXT),
    "digits with white space": ("12\n", TEXT),
    "shard and local id": ("2107~565", r"[1-9]\d{3}~[1-9]\d{2}"),
    "a uuid": (
        "0d5e2f6a-7c41-4b89-9a3e-58f1c6d2b074",
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}",
    ),
    "a uuid in capitals": ("0D5E2F6A-7C41-4B89-9A3E-58F1C6D2B074", r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}"),
    "a session": ("6b1f0c93d27ae4588c05f1d96e32b7a4", "[0-9a-f]{32}"),
    "a hash in capitals": ("6B1F0C93D27AE4588C05F1D96E32B7A4", "[0-9A-F]{32}"),
    "a Canvas uuid": ("EyGjFBdEoSJv71VR6n3cO8ahG04CA8ERh2sfxFsv", "[0-9A-Za-z]{40}"),
    "a guid": ("EyGjFBdEoSJv71VR6n3cO8ahG04CA8ERh2sfxFsv:canvas-lms", "[0-9A-Za-z]{40}:canvas-lms"),
    "IPv4": ("192.0.2.17", r"\d{1,3}(\.\d{1,3}){3}"),
    "no IPv4": ("192.0.2.256", TEXT),
    "IPv6": ("2001:4860::8888", "2001:db8:[0-9a-f:]+"),
    "e-mail": ("m.okafor@uni.example.edu", rf"{TEXT}@{TEXT}\.invalid"),
    "an address in a text": ("mail m.okafor@uni.example.edu", TEXT),
}


@pytest.mark.parametrize(("text", "shape"), SHAPES.values(), ids=SHAPES)
def test_shapes(text: str, shape: str) -> None:
    replaced = MADE.text(text)
    assert re.fullmatch(shape, replaced)
    assert replaced == MADE.text(text)
    assert not text or (replaced != text and replaced != Pseudonyms(b"other").text(text))


@given(st.text(min_size=4))
def test_nothing_of_a_text_is_left(text: str) -> None:
    assert text not in MADE.text(text) or not text.strip("0")


def test_parts_have_their_own_pseudonyms() -> None:
    assert MADE.text("jdoe@x.edu") == f"{MADE.text('jdoe')}@{MADE.host('x.edu')}"
    uuid = "EyGjFBdEoSJv71VR6n3cO8ahG04CA8ERh2sfxFsv"
    assert MADE.text(f"{uuid}:canvas-lms").startswith(MADE.text(uuid))
    shard, local = MADE.text("2107~565").split("~")
    assert MADE.text("21070000000000565") == f"{shard}{local:0>13}"


HOST = MADE.host("x.edu")
URLS = {
    "nothing": ("", ""),
    "a page": (
        "https://x.edu/courses/565/users/42",
        f"https://{HOST}/courses/{MADE.text('565')}/users/{MADE.text('42')}",
    ),
    "a path alone": ("/courses/565?page=2", f"/courses/{MADE.text('565')}?page={MADE.text('2')}"),
    "a port": ("http://x.edu:8080/", f"http://{HOST}:8080/"),
    "a password": ("https://jane:secret@x.edu", f"https://{MADE.opaque('jane:secret')}@{HOST}"),
    "IPv6": ("https://[2001:db8::1]:80/", f"https://[{MADE.host('2001:db8::1')}]:80/"),
    "a bracket": ("https://[x/", f"https://{MADE.host('[x')}/"),
    "a SIS id": ("/users/sis_user_id:T-20431", f"/users/sis_user_id:{MADE.text('T-20431')}"),
    "a title": ("/courses/1/pages/my-secret", f"/courses/{MADE.text('1')}/pages/{MADE.text('my-secret')}"),
    "a known parameter": ("?target_course_id=612", f"?target_course_id={MADE.text('612')}"),
    "an unknown parameter": ("?jane=1", f"?{MADE.text('jane')}={MADE.text('1')}"),
    "a blank parameter": ("?target_course_id=+%20", "?target_course_id=+%20"),
    "a parameter between blanks": ("?target_course_id=+612 ", f"?target_course_id=+{MADE.text('612')} "),
    "a parameter without value": ("?jane&page", f"?{MADE.text('jane')}&page"),
    "a fragment": ("#jane", f"#{MADE.text('jane')}"),
    "an encoded address": ("/a%40b", f"/{quote(MADE.text('a@b'))}"),
    "encoded oddly": ("/%6aane", f"/{MADE.opaque('%6aane')}"),
    "another scheme": ("javascript:alert(1)", MADE.opaque("javascript:alert(1)")),
    "no address at all": ("Jane Doe", MADE.text("Jane Doe")),
}


@pytest.mark.parametrize(("url", "replaced"), URLS.values(), ids=URLS)
def test_urls(url: str, replaced: str) -> None:
    assert MADE.url(url) == replaced


def test_a_name_in_an_address_reads_as_it_does_elsewhere() -> None:
    replaced = MADE.url("/Jane%20Doe")
    assert "%" in replaced
    assert unquote(replaced) == f"/{MADE.text('Jane Doe')}"


PIECES = st.text("aJ1%/?&=#.:@ [\u00e9", max_size=6)
RETRIES = st.builds(
    "https://x.edu/courses/{}/assignments/{}/retry_alignment_clone?target_assignment_id={}&target_course_id={}".format,
    *[st.one_of(st.integers(1, 10**20).map(str), PIECES)] * 4,
)


@given(st.lists(st.one_of(PIECES, RETRIES), unique=True, max_size=8))
def test_urls_are_one_to_one(urls: list[str]) -> None:
    assert len({MADE.url(url) for url in urls}) == len(urls)


@given(RETRIES)
def test_the_ids_of_a_retry_are_found_where_they_were(url: str) -> None:
    before, after = ids_from_url(url), ids_from_url(MADE.url(url))
    assert after == tuple(number and MADE.text(number) for number in before)
