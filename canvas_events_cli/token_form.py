"""What tells a JSON Web Token (RFC 7519), in the compact form of RFC 7515, before anything in it is decoded."""

import re

BEGINNINGS = (b"eyJ", b"eyI", b"eyA", b"ewk", b"ewo", b"ew0")
"""How an object begins in base64url: its brace, a blank or none, and a quote."""
HEADER = rb"(?:%b)[\w-]*" % b"|".join(BEGINNINGS)
TOKEN = re.compile(rb"[ \t\r\n]*(%b)\.([\w-]+)\.[\w-]*[ \t\r\n]*" % HEADER)
"""A token and white space around it; its header and its claims are groups."""
