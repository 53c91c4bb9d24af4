"""What tells a JSON Web Token (RFC 7519), in the compact form of RFC 7515, before anything in it is decoded."""

TOKEN_BEGINNINGS = (b"eyJ", b"eyI", b"eyA", b"ewk", b"ewo", b"ew0")
"""How an object begins in base64url: its brace, a blank or none, and a quote."""
TOKEN_HEADER = rb"(?:%b)[\w-]*" % b"|".join(TOKEN_BEGINNINGS)
_TOKEN_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def token_parts(text: bytes) -> tuple[bytes, bytes] | None:
    """Return header and claims, as written, of the token that *text* is, white space around it aside; or None."""
    bare = text.strip(b" \t\r\n")
    # Deleting letters takes a fifth of the time of a pattern, and every token of a stream comes through here; base64,
    # which may begin so too, has no dots.
    if not bare.startswith(TOKEN_BEGINNINGS) or bare.count(b".") != 2 or bare.translate(None, _TOKEN_LETTERS) != b"..":
        return None
    first, last = bare.index(b"."), bare.rindex(b".")
    return (bare[:first], bare[first + 1 : last]) if last > first + 1 else None
