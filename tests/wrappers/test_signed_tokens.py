import hashlib
import hmac
import json
import pickle
import sys
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, OctKey, RSAKey
from wrapper_builders import EVENT_TEXT, base64, base64url, sqs_message, text, unsigned_token

from canvas_events_cli import validate
from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record, WrapperFault
from canvas_events_cli.parse import parse
from canvas_events_cli.wrappers import unwrap
from canvas_events_cli.wrappers.keys import load_keys

HAPPENED = 1725371901  # the event's event_time, less its fraction
RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")
OTHER_RSA = RSAKey.generate_key(2048)
OTHER_EC = ECKey.generate_key("P-256")
P384 = ECKey.generate_key("P-384")
SECRET = OctKey.generate_key(256)


def claims(**registered):
    return "".join(f'"{name}":{json.dumps(value)},' for name, value in registered.items())


def signed(key=RSA, alg="RS256", kid="rsa-1", registered="", event=EVENT_TEXT, **header):
    header = {"typ": "JWT", "alg": alg} | ({"kid": kid} if kid else {}) | header
    payload = f"{{{registered}{event[1:]}"
    registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jws.serialize_compact(header, payload, key, registry=registry)


def public(key, **parameters):
    return key.as_dict(private=False) | parameters


def with_hmac_of(secret):
    content = f"{base64url(json.dumps({'alg': 'HS256', 'kid': 'rsa-1'}))}.{base64url(EVENT_TEXT)}"
    return f"{content}.{base64url(hmac.new(secret, content.encode(), hashlib.sha256).digest())}"


def altered(token, part):
    parts = token.split(".")
    if part == 1:
        parts[1] = base64url(EVENT_TEXT.replace("logged_in", "logged_on"))
    else:
        parts[2] = ("B" if parts[2][0] == "A" else "A") + parts[2][1:]
    return ".".join(parts)


@pytest.fixture
def keys(tmp_path):
    key_set = {"keys": [public(SECRET), public(RSA, kid="rsa-1", alg="RS256", use="sig"), public(EC, kid="ec-1")]}
    return load_keys(written(tmp_path, key_set))


def written(folder, document):
    path = folder / "keys.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def outcome(token, keys):
    raw = text({"token": token}).encode()
    (found,) = unwrap(Record(1, raw, parse(raw), True), keys)
    return found


GOOD = {
    "RS256": signed(),
    "ES256": signed(EC, "ES256", "ec-1"),
    "no kid": signed(EC, "ES256", None),
    "unknown header": signed(origin="beta"),
    "a header as long as it likes": signed(x5c=["M" * 5000]),
    "valid at the event's time, expired long since": signed(registered=claims(iat=HAPPENED + 2, exp=HAPPENED + 300)),
    "usable only since it was issued": signed(registered=claims(iat=HAPPENED + 5, nbf=HAPPENED + 5)),
    "usable since before the event": signed(registered=claims(nbf=HAPPENED - 5)),
    "no event_time to judge by": signed(registered=claims(exp=1), event='{"metadata":{},"body":{}}'),
    "large": signed(event=EVENT_TEXT.replace("learn.example.edu", "x" * 300_000)),
}


@pytest.mark.parametrize("token", GOOD.values(), ids=GOOD)
def test_verified(token, keys):
    event = outcome(token, keys)
    assert isinstance(event, Record), event.message
    assert ("signature", "verified") in event.wrapping.details


MISFIT = "the signature does not fit: the event or its signature was altered, or another key made it"
ONLY = "; only RS256 and ES256 signatures count"
EXPIRED = "it had expired (exp) at the event's own event_time, by which expiry is judged"
EARLY = "it was not valid yet (nbf) at the event's own event_time, nor when it was issued (iat)"
NO_NUMBER = "its exp, nbf or iat is not a number of seconds"
EXTENSIONS = "its header asks for extensions of the format (crit, b64) that cevents does not know"
BAD = {
    "alg none": (unsigned_token(EVENT_TEXT, '{"alg":"none"}', ""), "it is not signed (alg none)" + ONLY),
    "alg None": (unsigned_token(EVENT_TEXT, '{"alg":"NonE","kid":"rsa-1"}'), "it is not signed (alg none)" + ONLY),
    "HMAC of the public key as PEM": (
        with_hmac_of(RSA.as_pem(private=False)),
        "it is signed with a shared secret (HS256), which a public key is not" + ONLY,
    ),
    "HMAC of a secret in the file": (
        with_hmac_of(SECRET.raw_value),
        "it is signed with a shared secret (HS256), which a public key is not" + ONLY,
    ),
    "RS512": (signed(alg="RS512"), "it is signed in another way (alg)" + ONLY),
    "ES384": (signed(P384, "ES384"), "it is signed in another way (alg)" + ONLY),
    "alg of another type": (
        unsigned_token(EVENT_TEXT, '{"alg":["RS256"]}'),
        "it is signed in another way (alg)" + ONLY,
    ),
    "unknown kid": (signed(kid="rsa-2"), "the file of keys has no key that it names (kid), for RS256"),
    "kid of another type": (
        unsigned_token(EVENT_TEXT, '{"alg":"RS256","kid":[]}'),
        "the file of keys has no key that it names (kid), for RS256",
    ),
    "kid of a key for another algorithm": (
        signed(EC, "ES256", "rsa-1"),
        "the file of keys has no key that it names (kid), for ES256",
    ),
    "another RSA key": (signed(OTHER_RSA), MISFIT),
    "another RSA key, no kid": (signed(OTHER_RSA, kid=None), MISFIT),
    "another EC key": (signed(OTHER_EC, "ES256", "ec-1"), MISFIT),
    "altered event": (altered(signed(), 1), MISFIT),
    "altered signature": (altered(signed(), 2), MISFIT),
    "altered ES256 signature": (altered(signed(EC, "ES256", "ec-1"), 2), MISFIT),
    "no signature": (signed().rpartition(".")[0] + ".", MISFIT),
    "too deep a header": (
        unsigned_token(EVENT_TEXT, '{"alg":"RS256","a":' + "[" * 1000 + "]" * 1000 + "}"),
        MISFIT,
    ),
    "claims that are no JSON": (unsigned_token("{"), "the file of keys has no key that it names (kid), for RS256"),
    "crit": (unsigned_token(EVENT_TEXT, '{"alg":"RS256","kid":"rsa-1","crit":["x"],"x":1}'), EXTENSIONS),
    "b64": (unsigned_token(EVENT_TEXT, '{"alg":"RS256","kid":"rsa-1","b64":false}'), EXTENSIONS),
    "expired at the event's time": (signed(registered=claims(exp=HAPPENED)), EXPIRED),
    "expired by a fraction": (signed(registered=claims(exp=HAPPENED + 0.064)), EXPIRED),
    "not valid yet": (signed(registered=claims(nbf=HAPPENED + 2)), EARLY),
    "not valid yet when issued": (signed(registered=claims(nbf=HAPPENED + 2, iat=HAPPENED + 1)), EARLY),
    "exp that is text": (signed(registered=claims(exp="soon")), NO_NUMBER),
    "exp that is true": (signed(registered=claims(exp=True)), NO_NUMBER),
}


@pytest.mark.parametrize(("token", "why"), BAD.values(), ids=BAD)
def test_not_to_be_trusted(token, why, keys):
    fault = outcome(token, keys)
    assert isinstance(fault, WrapperFault)
    assert (fault.keyword, fault.message) == ("signature", f"the signed token at /token is not to be trusted: {why}")


@pytest.mark.parametrize("raw", [signed(OTHER_RSA), f'"{signed(OTHER_RSA)}"'], ids=["bare", "quoted"])
def test_a_token_by_itself_is_not_to_be_trusted(raw, keys):
    (fault,) = unwrap(Record(1, raw.encode(), raw.strip('"'), True), keys)
    assert isinstance(fault, WrapperFault)
    assert (fault.keyword, fault.message) == ("signature", f"the signed token is not to be trusted: {MISFIT}")


def test_a_good_signature_without_an_event_is_a_wrapper_without_one(keys):
    fault = outcome(signed(event='{"a":1}'), keys)
    assert fault.keyword == "wrapper"


def test_a_bad_token_among_good_ones(keys):
    raw = text({"Messages": [sqs_message(signed()), sqs_message(signed(OTHER_RSA)), sqs_message(EVENT_TEXT)]}).encode()
    found = list(unwrap(Record(1, raw, parse(raw), True), keys))
    assert [type(item) for item in found] == [Record, WrapperFault, Record]
    assert found[1].message.startswith("the signed token at /Messages/1/Body is not to be trusted")


@pytest.mark.parametrize("blank", ["", " ", "\t", "\n", "\r\n", "   "])
def test_a_header_is_laid_out_in_any_way(blank):
    token = unsigned_token(EVENT_TEXT, header=f'{{{blank}"alg": "none"}}')
    report = validate([token, json.dumps(token), text({"token": token}), text(sqs_message(base64(token)))])
    assert (report.events, report.malformed, report.event_types) == (4, 0, {"logged_in": 4})


def test_without_keys_any_token_is_read():
    event = outcome(unsigned_token(EVENT_TEXT, '{"alg":"none"}', ""), None)
    assert event.raw.decode() == EVENT_TEXT


HEADERS = st.dictionaries(
    st.sampled_from(["alg", "kid", "typ", "cty", "x5c", "jwk", "jku", "x"]),
    st.sampled_from(["RS256", "ES256", "rsa-1", "JWT", None, 0, True, [], {}, ["x"], {"kty": "oct"}]),
)


@given(HEADERS, st.binary(max_size=80), st.sampled_from(["rsa-1", None]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_header_raises(keys, header, signature, kid):
    header = {"alg": "RS256", "kid": kid} | header
    token = unsigned_token(EVENT_TEXT, json.dumps(header), base64url(signature))
    assert outcome(token, keys).keyword == "signature"


def test_keys_travel_to_workers(keys):
    assert pickle.loads(pickle.dumps(keys)) == keys


KEY_FILES = {
    "one key": public(RSA),
    "one private key": RSA.as_dict(private=True),
    "key without a name beside others": {"keys": [public(EC), public(OTHER_RSA, kid="x"), public(RSA)]},
    "broken and strange ones beside": {
        "keys": [
            7,
            {"kty": ["RSA"]},
            {"kty": "RSA"},
            {"kty": "AKP"},
            {"kty": "RSA", "n": "?", "e": "AQAB"},
            public(RSA),
        ]
    },
    "the same name twice": {"keys": [public(OTHER_RSA, kid="rsa-1"), public(RSA, kid="rsa-1")]},
}


@pytest.mark.parametrize("document", KEY_FILES.values(), ids=KEY_FILES)
def test_files_of_keys(document, tmp_path):
    assert isinstance(outcome(signed(), load_keys(written(tmp_path, document))), Record)


def rsa_key(bits):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return RSAKey.generate_key(bits)


REFUSED = {
    "1,024 bits": (rsa_key(1024), {}, "an RSA key of 1,024 bits can be broken: RS256 takes 2,048 or more"),
    "2,040 bits": (rsa_key(2040), {}, "an RSA key of 2,040 bits can be broken: RS256 takes 2,048 or more"),
    "use": (RSA, {"use": "enc"}, 'it is not for signatures (its use is not "sig")'),
    "use of another type": (RSA, {"use": ["sig"]}, 'it is not for signatures (its use is not "sig")'),
    "key_ops": (EC, {"key_ops": ["sign", "encrypt"]}, 'it is not for verifying (its key_ops lack "verify")'),
    "empty key_ops": (RSA, {"key_ops": []}, 'it is not for verifying (its key_ops lack "verify")'),
    "key_ops of another type": (EC, {"key_ops": "verify"}, 'it is not for verifying (its key_ops lack "verify")'),
    "no point of the curve": (EC, {"x": "AA"}, "its numbers make no key"),
}


@pytest.mark.parametrize(("key", "parameters", "why"), REFUSED.values(), ids=REFUSED)
def test_a_refused_key_verifies_nothing_and_is_named(key, parameters, why, tmp_path):
    jwk = public(key, kid="k-1", **parameters)
    with pytest.raises(CeventsError) as error:
        load_keys(written(tmp_path, jwk))
    assert str(error.value).endswith(f'; the key "k-1" is refused: {why}')
    keys = load_keys(written(tmp_path, {"keys": [jwk, public(OTHER_RSA, kid="good")]}))
    alg = "RS256" if key.key_type == "RSA" else "ES256"
    fault = outcome(signed(key, alg, "k-1"), keys)
    assert fault.message.endswith(f'is not to be trusted: the key "k-1" is refused: {why}')
    assert isinstance(outcome(signed(key, alg, None), keys), WrapperFault)


def test_keys_that_may_verify(tmp_path):
    key = public(RSA, use="sig", key_ops=["sign", "verify"])
    assert isinstance(outcome(signed(), load_keys(written(tmp_path, key))), Record)


def test_a_refused_key_without_a_name(tmp_path):
    with pytest.raises(CeventsError, match=r"; a key without a name \(kid\) is refused: its numbers make no key$"):
        load_keys(written(tmp_path, {"kty": "RSA"}))


NO_KEYS = {
    "no JSON": ("{", "is no file of keys: not JSON: unexpected end of data at line 1, column 2"),
    "HTML": ("<html>", "is no file of keys: this looks like HTML: did curl fail? (try curl --fail)"),
    "other JSON": ("[]", 'is no file of keys: neither a JWK set ({"keys": […]}) nor a single JWK (with "kty")'),
    "PEM": (RSA.as_pem(private=False).decode(), "is no file of keys: not JSON: "),
    "no keys": ({"keys": []}, "has no key that can verify signatures: "),
    "a shared secret": (public(SECRET), "has no key that can verify signatures: "),
    "another curve": (public(P384), "has no key that can verify signatures: "),
    "another algorithm": (public(RSA, alg="RS512"), "has no key that can verify signatures: "),
    "a key for encryption": (public(RSA, use="enc"), "has no key that can verify signatures: "),
    "not the point of a curve": (public(EC, x="AA"), "has no key that can verify signatures: "),
    "too large": (" " * 1024 * 1024 + "{}", "is no file of keys: it is larger than 1 MiB"),
}


@pytest.mark.parametrize(("document", "message"), NO_KEYS.values(), ids=NO_KEYS)
def test_no_file_of_keys(document, message, tmp_path):
    path = written(tmp_path, document)
    with pytest.raises(CeventsError) as error:
        load_keys(path)
    assert str(error.value).startswith(f"{path} {message}")


def test_a_file_of_keys_that_cannot_be_read(tmp_path):
    with pytest.raises(CeventsError, match=r"^cannot read the keys in .*missing\.json: No such file or directory$"):
        load_keys(tmp_path / "missing.json")


def test_verifying_without_the_package(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "joserfc", None)
    with pytest.raises(CeventsError, match=r"^verifying signatures takes packages .* the extra jwt brings them"):
        load_keys(written(tmp_path, public(RSA)))
    assert isinstance(outcome(signed(), None), Record)
