r"""A regular expression in the words of the engine inside jsonschema-rs.

Only what means the same there and in RE2 is written: sets are spelled out, ``\b`` is told to be about ASCII. What both
dialects read alike stays as it was.
"""

from canvas_events_cli.regex.tree import LAST, Assertion, Characters, Choice, Node, Ranges, Repeat, Sequence

_NEVER = r"[^\x{0}-\x{10ffff}]"
_ASSERTIONS = {"^": "^", "$": "$", "b": r"(?-u:\b)", "B": r"(?-u:\B)"}
_SURROGATES = (0xD800, 0xDFFF)


def text_of(node: Node) -> str:
    """Return the pattern that *node* is."""
    if isinstance(node, Characters):
        return _characters(node)
    if isinstance(node, Assertion):
        return _ASSERTIONS[node.kind]
    if isinstance(node, Repeat):
        repeated = text_of(node.node)
        return (repeated if isinstance(node.node, Characters) else f"(?:{repeated})") + _count(node)
    if isinstance(node, Sequence):
        return "".join(f"(?:{text_of(part)})" if isinstance(part, Choice) else text_of(part) for part in node.parts)
    return "|".join(map(text_of, node.parts))


def _count(node: Repeat) -> str:
    if (node.low, node.high) in ((0, None), (1, None), (0, 1)):
        return "?" if node.high else "+" if node.low else "*"
    if node.low == node.high:
        return f"{{{node.low}}}"
    return f"{{{node.low},{'' if node.high is None else node.high}}}"


def _characters(node: Characters) -> str:
    ranges = _without_surrogates(node.ranges)
    if not ranges and not node.properties:
        return rf"[\x{{0}}-\x{{{LAST:x}}}]" if node.negated else _NEVER
    inside = "".join(map(_range, ranges))
    inside += "".join(rf"\{'P' if lacks else 'p'}{{{name}}}" for name, lacks in node.properties)
    is_single = len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not node.properties and not node.negated
    text = inside if is_single else f"[{'^' if node.negated else ''}{inside}]"
    return f"(?i:{text})" if node.ignore_case else text


def _without_surrogates(ranges: Ranges) -> Ranges:
    """Leave out what no text holds and the engine has no way to say."""
    kept = []
    for first, last in ranges:
        kept += [(first, min(last, _SURROGATES[0] - 1)), (max(first, _SURROGATES[1] + 1), last)]
    return tuple(dict.fromkeys((first, last) for first, last in kept if first <= last))


def _range(limits: tuple[int, int]) -> str:
    first, last = limits
    return _code(first) if first == last else f"{_code(first)}-{_code(last)}"


def _code(code: int) -> str:
    character = chr(code)
    return character if (character.isalnum() and character.isascii()) or character == "_" else rf"\x{{{code:x}}}"
