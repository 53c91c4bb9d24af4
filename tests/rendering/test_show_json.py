from canvas_events_cli.rendering.event_bytes import json_array, ndjson_lines

RAW = b'{ "n": 12345678901234567890123, "p": [1.10], "t": "\xc2\x9b" }'


def test_array_keeps_tokens():
    text = b"".join(json_array([[RAW, b"{}"]], on_terminal=False)).decode()
    assert text == (
        '[\n  {\n    "n": 12345678901234567890123,\n    "p": [\n      1.10\n    ],\n    "t": "\x9b"\n  },\n  {}\n]\n'
    )


def test_array_of_nothing():
    assert b"".join(json_array([], on_terminal=False)) == b"[]\n"


def test_array_comes_piece_by_piece():
    def parts():
        yield [RAW]
        raise KeyboardInterrupt

    pieces = json_array(parts(), on_terminal=False)
    assert next(pieces).startswith(b"[\n  {")


def test_line():
    (lines,) = ndjson_lines([[RAW, b"{ }"]], on_terminal=False)
    assert lines == b'{"n":12345678901234567890123,"p":[1.10],"t":"\xc2\x9b"}\n{}\n'
    assert next(ndjson_lines([[RAW]], on_terminal=True)).endswith(b'"t":"\\u009b"}\n')
