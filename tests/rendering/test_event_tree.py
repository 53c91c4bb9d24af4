import pytest

from canvas_events_cli.exact_json import NumberText
from canvas_events_cli.model import Finding
from canvas_events_cli.rendering.event_tree import read, rows


def finding(pointer):
    return Finding("s", 1, "e", "body", "required", pointer, "message")


NUMBERS = ("12345678901234567890123", "1.10", "-0", "1E5", "9" * 5000, "1e400")


@pytest.mark.parametrize("spelling", NUMBERS, ids=lambda spelling: spelling[:24])
def test_numbers_keep_their_spelling(spelling):
    tree = read(f"[{spelling}]".encode())
    assert tree == [spelling]
    assert isinstance(tree[0], NumberText)


def test_repeated_keys_stay_and_the_last_counts():
    tree = read(b'{"a": 1, "b": 2, "a": 3}')
    assert tree == (("a", "1"), ("b", "2"), ("a", "3"))
    assert [row.pointer for row in rows(tree, [])] == [None, "/b", "/a"]


def test_byte_order_mark():
    assert read(b"\xef\xbb\xbf{}") == ()


def test_rows_go_down_and_come_back_up():
    found = [(row.depth, row.pointer, row.has_rows) for row in rows(read(b'{"a": {"b": [1]}, "c": {}}'), [])]
    assert found == [(0, "/a", True), (1, "/a/b", True), (2, "/a/b/0", False), (0, "/c", False)]


def test_missing_members_come_last_in_their_container():
    tree = read(b'{"metadata": {}, "body": {"a": 1}}')
    wanted = [finding("/body/zz"), finding("/metadata/x~1y"), finding("/body/zz"), finding("/body/a"), finding("/gone")]
    found = [(row.pointer, row.key, row.is_missing) for row in rows(tree, wanted)]
    assert found == [
        ("/metadata", "metadata", False),
        ("/metadata/x~1y", "x/y", True),
        ("/body", "body", False),
        ("/body/a", "a", False),
        ("/body/zz", "zz", True),
        ("/gone", "gone", True),
    ]


def test_an_overridden_member_has_no_pointer():
    found = [(row.key, row.pointer) for row in rows(read(b'{"a": {"b": 1}, "a": {"c": 2}}'), [finding("/a/d")])]
    assert found == [("a", None), ("b", None), ("a", "/a"), ("c", "/a/c"), ("d", "/a/d")]


def test_too_deep_for_the_parser():
    with pytest.raises(RecursionError):
        read(b"[" * 100_000 + b"]" * 100_000)


def test_rows_of_deep_values_need_no_recursion():
    tree = []
    for _ in range(5000):
        tree = [tree]
    assert sum(1 for _ in rows(tree, [])) == 5000
