import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canvas_events_cli.errors import CeventsError
from canvas_events_cli.model import Record
from canvas_events_cli.query.expressions import Condition, parse_condition
from canvas_events_cli.query.fields import parse_field
from canvas_events_cli.query.selection import Selection, compile_selection

CONDITIONS = {
    "equal": ("body.status=active", "body.status", "=", "active"),
    "spaces around": (" body.status  =  on hold ", "body.status", "=", "on hold"),
    "not equal": ("status!=active", "status", "!=", "active"),
    "less": ("a<1", "a", "<", "1"),
    "at most": ("a<=1", "a", "<=", "1"),
    "more": ("a>1", "a", ">", "1"),
    "at least": ("a >= 1", "a", ">=", "1"),
    "regex": ("url~courses/[0-9]+$", "url", "~", "courses/[0-9]+$"),
    "no regex": ("url !~ ^http:", "url", "!~", "^http:"),
    "same object": ("user_id@565", "user_id", "@", "565"),
    "present": ("user_id", "user_id", "", ""),
    "absent": ("!user_id", "user_id", "!", ""),
    "absent, with space": (" ! user_id", "user_id", "!", ""),
    "the first operator counts": ("a=b=c", "a", "=", "b=c"),
    "the first operator counts, not the longest": ("a=b!=c", "a", "=", "b!=c"),
    "the longest that fits": ("a<=>b", "a", "<=", ">b"),
    "equal in two signs": ("a==b", "a", "=", "b"),
    "equal in two signs, with spaces": ("a == b", "a", "=", "b"),
    "equal in two signs, quoted": ('a=="b"', "a", "=", "b"),
    "equal and a value with a sign": ("a = =b", "a", "=", "=b"),
    "equal in two signs and a third": ("a===b", "a", "=", "=b"),
    "another language's operator, with a space": ("a < >b", "a", "<", ">b"),
    "another language's operator, quoted": ('a="=~b"', "a", "=", "=~b"),
    "and without a condition": ("title=salt and pepper", "title", "=", "salt and pepper"),
    "and with a sentence": ("title=salt and black pepper=x", "title", "=", "salt and black pepper=x"),
    "or at the end": ("title=now or", "title", "=", "now or"),
    "a word that begins so": ("title=x order y=z", "title", "=", "x order y=z"),
    "and in double quotes": ('title="a and b=c"', "title", "=", "a and b=c"),
    "and in single quotes": ("title='a and b=c'", "title", "=", "a and b=c"),
    "or in a regex": ("url ~ a||b", "url", "~", "a||b"),
    "and in a name": ('"a and b"=c', '"a and b"', "=", "c"),
    "dollar in a name": ("$schema=x", "$schema", "=", "x"),
    "dollar in quotes": ('"$".x=y', '"$".x', "=", "y"),
    "operator inside quotes": ('body."a=b"!=c', 'body."a=b"', "!=", "c"),
    "quoted name alone": ('"a>b"', '"a>b"', "", ""),
    "absent quoted name": ('!"a>b"', '"a>b"', "!", ""),
    "quoted value": ('a = " x = \\"y\\\\ "', "a", "=", ' x = "y\\ '),
    "backslashes of a quoted regex": (r'a ~ "\d+\.\""', "a", "~", r'\d+\."'),
    "quoted empty value": ('a=""', "a", "=", ""),
    "value in single quotes": (r"a='x\ '", "a", "=", "x\\ "),
    "apostrophe": ("a='tis", "a", "=", "'tis"),
    "one apostrophe": ("a='", "a", "=", "'"),
    "quote inside a value": ('a=say "b"', "a", "=", 'say "b"'),
    "pointer": ("/body/status=x", "/body/status", "=", "x"),
    "pointer, regex": ("/body/status ~out", "/body/status", "~", "out"),
    "pointer, regex of an escape": ("/body/status ~1", "/body/status", "~", "1"),
    "pointer, regex of an escape, spaces": ("/body/status ~ 1b", "/body/status", "~", "1b"),
    "pointer, no regex": ("/body/status!~out", "/body/status", "!~", "out"),
    "pointer alone": ("/body/a~1b", "/body/a~1b", "", ""),
    "pointer with both escapes": ("/body/~01~10 != c", "/body/~01~10", "!=", "c"),
    "pointer, escape at the end": ("/body/a~0=c", "/body/a~0", "=", "c"),
    "pointer, escape, regex": ("/body/a~1b ~ c~1", "/body/a~1b", "~", "c~1"),
    "pointer, a value with a tilde": ("/body/a= ~b", "/body/a", "=", "~b"),
    "pointer, escape": ("/body/a~1b=c", "/body/a~1b", "=", "c"),
    "pointer, escape, no regex": ("/body/a~1b !~ 0c", "/body/a~1b", "!~", "0c"),
    "pointer, escape in place of a regex": ("/body/id~1", "/body/id~1", "", ""),
    "pointer absent": ("!/body/a~1b", "/body/a~1b", "!", ""),
    "non-ASCII": ("title=Übung 😀", "title", "=", "Übung 😀"),
    "operators of other scripts are text": ("title≠=x", "title≠", "=", "x"),
}


@pytest.mark.parametrize(("expression", "field", "operator", "value"), CONDITIONS.values(), ids=CONDITIONS)
def test_conditions(expression, field, operator, value):
    condition = parse_condition(expression)
    assert condition == Condition(parse_field(field), operator, value)
    assert pickle.loads(pickle.dumps(condition)) == condition


MISTAKES = {
    "empty": ("", 0, "a FIELD is missing"),
    "no field": ("=x", 0, "a FIELD is missing"),
    "no field before !=": (" != x", 1, "a FIELD is missing"),
    "exclamation mark alone": ("!", 1, "a FIELD is missing"),
    "no value": ("status=", 7, 'the empty text is written ""'),
    "no value, blank": ("status =  ", 10, 'the empty text is written ""'),
    "operator after !FIELD": ("!status=x", 7, "write FIELD = VALUE, or its opposite"),
    "open quote": ('status="x', 7, "never closed"),
    "text after the value": ('status = "x" y', 13, "after the closing quote"),
    "open quote in the field": ('"status=x', 0, "never closed"),
    "dots in the field": ("body..x=1", 5, "a name is missing"),
    "word for an operator": ("status contains x", 7, "did you mean '~'?"),
    "open group": ("url~(abc", 4, "this ( is not closed"),
    "bad repetition": ("url ~ ab**", 9, "nothing here that * could repeat"),
    "look-around": ('url ~ "a(?=b)"', 8, "look-around"),
    "back-reference": (r"url~(a)\1", 7, "back reference"),
    "bad regex, negated": ("url!~[", 5, "this [ is not closed"),
    "no Canvas id": ("user_id@me", 8, "decimal digits"),
    "not UTF-8": ("a=\udcff", 2, "not UTF-8"),
    "FIELD that is not UTF-8": ("body.\udcff", 5, "not UTF-8"),
    "regex right after a pointer": ("/body/status~out", 12, "the operator ~ takes a space before it"),
    "other escape in a pointer": ("/body/a~2=b", 7, "~1 (a /)"),
    "SQL's not equal": ("a<>b", 1, "is written !="),
    "SQL's not equal, with spaces": ("a <> b", 2, "is written !="),
    "SQL's not equal of a pointer": ("/body/a<>b", 7, "is written !="),
    "Perl's match": ("a=~b", 1, "is written ~"),
    "Perl's match of a pointer": ("/body/a =~ b", 8, "is written ~"),
    "JSONPath": ("$.body.status=x", 0, "without a $"),
    "JSONPath with brackets": ("$['body']=x", 0, "without a $"),
    "JSONPath alone": (" !$.body.status", 2, "without a $"),
    "and": ("a=1 and b=2", 4, "all of them must hold"),
    "AND": ("a=1 AND b = 2", 4, "all of them must hold"),
    "&&": ("a=1&&b=2", 3, "all of them must hold"),
    "&& with spaces": ("a == 1 && b <> 2", 7, "all of them must hold"),
    "or": ("a=1 or /body/b ~ 2", 4, "add --any"),
    "||": ('a=1 || "b c" @ 2', 4, "add --any"),
    "and after a quoted value": ('a="1" and b="2"', 6, "all of them must hold"),
    "and after a value in single quotes": ("a='1' and b='2'", 6, "all of them must hold"),
    "and after FIELD": ("a and b=1", 2, "all of them must hold"),
    "and after !FIELD": ("!a and b=1", 3, "all of them must hold"),
    "and after a pointer": ("/body/a and b=1", 8, "all of them must hold"),
    "and between fields": ("a and b", 2, "all of them must hold"),
    "or between fields": ("a || b", 2, "add --any"),
    "the second and": ("a=x and y and b=1", 10, "all of them must hold"),
}


@pytest.mark.parametrize(("expression", "at", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes_are_pointed_at(expression, at, message):
    with pytest.raises(CeventsError) as caught:
        parse_condition(expression)
    what, shown, caret = str(caught.value).split("\n")
    assert message in what
    assert shown == "  " + expression.replace("\udcff", "\N{REPLACEMENT CHARACTER}")
    assert caret == "  " + " " * at + "^"


pieces = st.sampled_from([*"ab.\"'!=<>~@/\\ [(*\n", "body", "metadata.", " is ", "~1", "\udcff", "9"])


@given(st.lists(pieces, max_size=8).map("".join) | st.text(max_size=8))
def test_any_text_is_a_condition_or_a_mistake(expression):
    try:
        condition = parse_condition(expression)
    except CeventsError as error:
        shown, caret = str(error).split("\n")[1:]
        assert caret.index("^") <= len(shown)
    else:
        holds = compile_selection(Selection((condition,)))
        assert holds(Record(1, b"{}", {}, True)) is (condition.operator in ("!", "!=", "!~"))


def test_control_characters_of_an_expression_are_not_shown_raw():
    with pytest.raises(CeventsError) as caught:
        parse_condition("a\n\x1b[31m..b=1")
    assert str(caught.value).count("\n") == 2
    assert "\x1b" not in str(caught.value)
