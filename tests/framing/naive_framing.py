"""The rules of framing, done slowly: the standard library's parser looks for a value from each line anew."""

import json
import re

import orjson

BLANK = " \t\r"


class BrokenArray(Exception):
    """An array is broken: what is then read as its elements is not told here."""


Found = tuple[str, int, object]


def _no_constant(text: str) -> None:
    raise ValueError(text)


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def naive_frame(data: bytes) -> list[Found]:
    """Return ("record", line, value) and ("malformed", line, None) of *data*, which has no array that is broken."""
    found: list[Found] = []
    number = 1
    for index, section in enumerate(data.decode("utf-8", "surrogateescape").split("\x1e")):
        lines = [line.removeprefix("\ufeff") for line in section.split("\n")]
        if index and section.startswith("\ufeff"):
            lines[0] = "\ufeff" + lines[0]
        found += _frame(lines, number)
        number += len(lines) - 1
    return found


def _frame(lines: list[str], number: int) -> list[Found]:
    found: list[Found] = []
    at = column = 0
    while at < len(lines):
        rest = lines[at][column:]
        if not rest.strip(BLANK):
            at, column = at + 1, 0
        elif re.fullmatch(r"[ \t\r]*(?:ey[AIJ]|ew[0ko])[\w-]*\.[\w-]+\.[\w-]*[ \t\r]*", rest, re.ASCII):
            found.append(("record", number + at, rest.strip(BLANK)))
            at, column = at + 1, 0
        elif value := _value(lines, at, column):
            kept, at, column = value
            found += [("record", number + line, item) for line, item in kept]
        elif re.match(r'[ \t\r]*\[[ \t\r]*(?:[{\["]|$)', rest):
            raise BrokenArray
        else:
            found.append(("malformed", number + at, None))
            end, column = _block_end(lines, at, column)
            found += [
                ("record", number + line, orjson.loads(lines[line]))
                for line in range(at + 1, min(end, len(lines)))
                if _is_object(lines[line])
            ]
            at = end
    return found


def _value(lines: list[str], at: int, column: int) -> tuple[list[tuple[int, object]], int, int] | None:
    """Return the records in the value that begins there, and where it ends; None where it is none."""
    text = "\n".join([lines[at][column:], *lines[at + 1 :]])
    begin = len(text) - len(text.lstrip(BLANK))
    found = _decoded(text, begin)
    if found is None:
        return None
    value, end = found
    after = text[end:].split("\n")[0].lstrip(BLANK + "\ufeff")
    if after and not (after[0] in "{[" and isinstance(value, dict | list)):
        return None
    lines_before = text.count("\n", 0, end)
    end_column = end - (text.rfind("\n", 0, end) + 1) + (0 if lines_before else column)
    if lines[at + lines_before][end_column:].lstrip(BLANK).startswith("\ufeff"):
        end_column = lines[at + lines_before].index("\ufeff", end_column) + 1
    if not isinstance(value, list):
        return [(at, value)], at + lines_before, end_column
    items = []
    place = begin + 1
    for _ in value:
        place = re.compile(r"[ \t\r\n,]*").match(text, place).end()
        item = _decoded(text, place)
        items.append((at + text.count("\n", 0, place), item[0]))
        place = item[1]
    return items, at + lines_before, end_column


def _decoded(text: str, begin: int) -> tuple[object, int] | None:
    try:
        _, end = _DECODER.raw_decode(text, begin)
        return orjson.loads(text[begin:end].encode("utf-8", "surrogateescape")), end
    except ValueError:
        return None


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line.encode("utf-8", "surrogateescape")), dict)
    except ValueError:
        return False


def _block_end(lines: list[str], at: int, column: int) -> tuple[int, int]:
    """Return line and column after what belongs to the broken value that begins there."""
    rest = lines[at][column:].lstrip(BLANK)
    end = at + 1
    if rest[:1] not in ("{", "[") or not _stays_open(rest):
        return end, 0
    margin = _indent(lines[at])
    while end < len(lines) and (not lines[end].strip(BLANK) or _indent(lines[end]) > margin):
        end += 1
    is_block = any(line.strip(BLANK) for line in lines[at + 1 : end])
    closes = end < len(lines) and _indent(lines[end]) == margin and lines[end].lstrip(BLANK)[:1] in ("}", "]")
    if not (is_block and closes):
        return end, 0
    another = re.compile(r"[ \t\r]*[]}][ \t\r,]*(?=[{\[])").match(lines[end])
    return (end, another.end()) if another else (end + 1, 0)


def _stays_open(text: str) -> bool:
    depth = 0
    for token in re.findall(r'"(?:[^"\\]|\\.)*(?:"|\\?$)|[][{}]', text):
        depth += token in "{["
        if token in ("}", "]"):
            depth -= 1
            if depth == 0:
                return False
    return depth > 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(BLANK))
