"""Strings that attack whatever shows them, and what no output may hold because of them."""

import re

HOSTILE = {
    "ansi colour": "\x1b[31mred\x1b[0m",
    "ansi clear screen": "\x1b[2J\x1b[H",
    "osc title": "\x1b]0;owned\x07",
    "osc link": "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "c1 csi": "\x9b31mred",
    "c1 osc": "\x9d0;owned\x9c",
    "bidi override": "user\u202egnp.exe",
    "bidi isolate": "\u2067abc\u2069",
    "zero width": "ad\u200bmin\ufeff\u2060",
    "line separators": "a\u2028b\u2029c\x85d",
    "tag characters": "x\U000e0041\U000e0042",
    "carriage return": "good\rbad",
    "line feed": "one\n::error::two\n##[error]three",
    "tab first": "\t=1+1",
    "nul and bell": "a\x00b\x07c\x08d\x7f",
    "rich markup": "[bold red]x[/bold red][link=http://evil.example]y[/link]",
    "rich closing tag": "[/]",
    "rich emoji": ":warning:",
    "formula": "=cmd|' /C calc'!A0",
    "formula plus": "+1+1",
    "formula minus": "-2+3",
    "formula at": "@SUM(A1:A9)",
    "formula after blanks": "  =1+1",
    "full-width formula": "\uff1d1+1",
    "csv quotes": 'a","b"\n"c',
    "script": "<script>alert(1)</script>",
    "image": '<img src="x" onerror="alert(1)">',
    "closing tags": "</td></table></style></svg><svg onload=alert(1)>",
    "attribute": '" onmouseover="alert(1)',
    "html comment": "--><b>x</b><!--",
    "markdown table": "a | b || c \\| d",
    "markdown link": "[x](javascript:alert(1)) ![y](http://evil.example/z.png) <http://evil.example>",
    "markdown marks": "**b** _i_ `c` ~~s~~ # h\n- x\n1. y",
    "markdown mention": "@everyone #1 www.evil.example http://evil.example",
    "markdown backslashes": "\\[x\\](y) \\` \\\\|",
    "github command": "::error file=x::boom",
    "github command after blank": "  ::set-output name=x::y",
    "github old command": "##[add-mask]x",
    "azure command": "##vso[task.setvariable variable=x]y",
    "character reference": "&lt;script&gt; &#60;b&#62;",
    "very long": "x" * 9000,
    "very long and wide": "世" * 3000,
    "combining": "a" + "\u0301" * 50,
    "empty": "",
    "blank": "   ",
}

# Line feeds are the renderers' own; tabs are none's.
_NEVER = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_COMMAND = re.compile(r"^\s*::|##[A-Za-z]*\[", re.MULTILINE)


def assert_harmless(output: str) -> None:
    """Fail where *output* could move a cursor, reorder text, or give a command to a build service."""
    assert not _NEVER.search(output), ascii(_NEVER.search(output))
    assert not _COMMAND.search(output)
