"""JSON of our own making, as bytes."""

from dataclasses import asdict, is_dataclass

import orjson


def json_bytes(value: object, *, indent: bool = False) -> bytes:
    """Return *value* as JSON, a dataclass as an object; a lone surrogate, as in file names, becomes a question mark."""
    option = orjson.OPT_INDENT_2 if indent else 0
    try:
        return orjson.dumps(value, option=option)
    except TypeError:
        return orjson.dumps(_encodable(value), option=option)


def _encodable(value: object) -> object:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if is_dataclass(value) and not isinstance(value, type):
        return _encodable(asdict(value))
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(item) for item in value]
    return value
