r"""Unicode properties by the names that ECMA 262 has for them in ``\p{…}``: exact, unlike those of other dialects."""

import re
import unicodedata

_CATEGORIES = """
LC Cased_Letter; Pe Close_Punctuation; Pc Connector_Punctuation; Cc Control cntrl; Sc Currency_Symbol;
Pd Dash_Punctuation; Nd Decimal_Number digit; Me Enclosing_Mark; Pf Final_Punctuation; Cf Format;
Pi Initial_Punctuation; L Letter; Nl Letter_Number; Zl Line_Separator; Ll Lowercase_Letter; M Mark Combining_Mark;
Sm Math_Symbol; Lm Modifier_Letter; Sk Modifier_Symbol; Mn Nonspacing_Mark; N Number; Ps Open_Punctuation; C Other;
Lo Other_Letter; No Other_Number; Po Other_Punctuation; So Other_Symbol; Zp Paragraph_Separator; Co Private_Use;
P Punctuation punct; Z Separator; Zs Space_Separator; Mc Spacing_Mark; Cs Surrogate; S Symbol; Lt Titlecase_Letter;
Cn Unassigned; Lu Uppercase_Letter
"""
_BINARY = """
ASCII ASCII_Hex_Digit AHex Alphabetic Alpha Any Assigned Bidi_Control Bidi_C Bidi_Mirrored Bidi_M Case_Ignorable CI
Cased Changes_When_Casefolded CWCF Changes_When_Casemapped CWCM Changes_When_Lowercased CWL Changes_When_Titlecased CWT
Changes_When_Uppercased CWU Dash Default_Ignorable_Code_Point DI Deprecated Dep Diacritic Dia Emoji Emoji_Component
EComp Emoji_Modifier EMod Emoji_Modifier_Base EBase Emoji_Presentation EPres Extended_Pictographic ExtPict Extender Ext
Grapheme_Base Gr_Base Grapheme_Extend Gr_Ext Hex_Digit Hex IDS_Binary_Operator IDSB IDS_Trinary_Operator IDST
ID_Continue IDC ID_Start IDS Ideographic Ideo Join_Control Join_C Logical_Order_Exception LOE Lowercase Lower Math
Noncharacter_Code_Point NChar Pattern_Syntax Pat_Syn Pattern_White_Space Pat_WS Quotation_Mark QMark Radical
Regional_Indicator RI Sentence_Terminal STerm Soft_Dotted SD Terminal_Punctuation Term Unified_Ideograph UIdeo Uppercase
Upper Variation_Selector VS White_Space space XID_Continue XIDC XID_Start XIDS
"""
_SHORT = {name: row.split()[0] for row in _CATEGORIES.split(";") for name in row.split()}
_NAMES = frozenset(_BINARY.split())
_SCRIPT = re.compile(r"(?:Script|sc|Script_Extensions|scx)=[A-Z][A-Za-z]+(?:_[A-Z][A-Za-z]+)*")
_GROUPS = {"LC": ("Lu", "Ll", "Lt")}


def canonical(name: str) -> str | None:
    """Return what *name*, the text between the braces, means: a short category, ``NAME`` or ``Script=NAME``.

    None where ECMA 262 has no such property. Whether a script exists only an engine knows.
    """
    key, equals, value = name.partition("=")
    if equals and key in ("General_Category", "gc"):
        return _SHORT.get(value)
    if equals:
        return name if _SCRIPT.fullmatch(name) else None
    return _SHORT.get(name) or (name if name in _NAMES else None)


def holds(name: str, character: str) -> bool | None:
    """Tell whether *character* has the canonical property *name*, by Python's own tables; None where these are mute."""
    if name in ("Any", "ASCII"):
        return name == "Any" or character.isascii()
    category = unicodedata.category(character)
    if name == "Assigned":
        return category != "Cn"
    return category.startswith(_GROUPS.get(name, (name,))) if name in _SHORT else None
