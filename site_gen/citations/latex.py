"""Text as LaTeX writes it: special characters as commands, accents as BibTeX knows them, capitals kept in braces.

What comes out has balanced braces whatever goes in, so that no text can end the field or entry that it stands in. Of
several spellings that LaTeX takes, these are the ones that the programs named in `docs/metadata.md` read back; where
none is right in all, the one that LaTeX typesets. Other scripts stay as they are: every reader takes UTF-8.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from site_gen.text import plain_math, split_math

_SPECIAL = {
    "\\": r"\textbackslash{}",
    "$": r"\$",
    "%": r"\%",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\ufeff": "\u2060",  # what Unicode has in its place (core specification, 23.8); readers drop the first one of a file
}
# Braces that are nested may be escaped braces; of others BibTeX, which counts them, must not see any.
_NESTED = {"{": r"\{", "}": r"\}"}
_NAMED = {"{": r"\textbraceleft{}", "}": r"\textbraceright{}"}
_ESCAPED = re.compile(r"[\\$%&#_~^\ufeff{}]")
_LETTERS = {"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss", "æ": "ae", "Æ": "AE", "đ": "dj", "Đ": "DJ", "ı": "i"}
# The commands of combining marks: a sign stands before the letter, a letter takes it in braces.
_MARKS = dict(zip("\u0300\u0301\u0302\u0303\u0304\u0307\u0308", "`'^~=.\"", strict=True)) | dict(
    zip("\u0327\u030c\u0306\u030b\u0328\u030a", "cvuHkr", strict=True)
)
# Two signs that TeX would join to another one: -- is a dash, `` a quotation mark.
_PAIRS = ("--", "''", "``", ",,", "!`", "?`", "<<", ">>")
_LIGATURE = re.compile("|".join(f"(?<={re.escape(pair[0])})(?={re.escape(pair[1])})" for pair in _PAIRS))
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MAY_CHANGE = re.compile(r"[^A-Za-z0-9 .,:;/()\[\]|@+*='-]|--|,,|''")
_WORD = re.compile(r"[^\W_]+")
# Commands that are safe in a formula wherever it is read: by name, or a sign that is a space or a bracket. What takes an
# argument without braces, or makes an accent, ends some readers.
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)
_SAFE = re.compile(r"\\(?:[A-Za-z]{2,}|[,;:!| {}])")
_NEEDS_BRACES = re.compile(
    r"\\(?:(?:math|text)?(?:rm|bf|it|sf|tt|cal|bb|frak|scr|sc|sl|up|md|normal)|text|sp|sb|emph|url|begin|end|ensuremath)(?![A-Za-z{])"
)


def is_nested(value: str) -> bool:
    """Tell whether the braces of a text are balanced."""
    if "{" not in value and "}" not in value:
        return True
    depth = 0
    for char in value:
        depth += (char == "{") - (char == "}")
        if depth < 0:
            return False
    return not depth


def escaped(value: str, accents: bool) -> str:
    """Return text in which every character means itself to LaTeX; with `accents`, letters with marks as commands."""
    if not _MAY_CHANGE.search(value):  # nearly all names and most other texts
        return value
    return _escaped(value, accents, _NESTED if is_nested(value) else _NAMED)


def _escaped(value: str, accents: bool, braces: dict[str, str]) -> str:
    made = _ESCAPED.sub(lambda found: braces.get(found[0]) or _SPECIAL[found[0]], value)
    if accents and not made.isascii():
        made = _BEYOND_ASCII.sub(lambda found: _accented(found[0]), normalize("NFC", made))
    return _LIGATURE.sub("{}", made) if any(pair in made for pair in _PAIRS) else made


def _accented(char: str) -> str:
    if char in _LETTERS:
        return f"{{\\{_LETTERS[char]}}}"
    letter, marks = normalize("NFD", char)[0], normalize("NFD", char)[1:]
    # Of letters beyond Latin-1 and Latin Extended-A (Unicode blocks) some readers do not know the commands.
    if char >= "\u0180" or len(marks) != 1 or not letter.isascii() or marks not in _MARKS:
        return char
    command = _MARKS[marks]
    return f"{{\\{command}{{{letter}}}}}" if command.isalpha() else f"{{\\{command}{letter}}}"


def title(value: str, accents: bool) -> str:
    """Return a title: math as it is, and each word that has capitals inside it in braces, since styles lower them."""
    parts = [(formula(text), plain_math(text)) if is_math else ("", text) for is_math, text in split_math(value)]
    braces = _NESTED if is_nested("".join(text for math, text in parts if not math)) else _NAMED
    return "".join(math or _protected(text, accents, braces) for math, text in parts)


def formula(source: str) -> str:
    """Return a formula between dollar signs, in a form that every reader survives; "" when it has none."""
    commands = _COMMAND.findall(source)
    rest = _COMMAND.sub("", source)
    if (
        not is_nested(rest)
        or re.search(r"[%#&~$\"]|[_^]\s*$", rest)
        or _NEEDS_BRACES.search(source)
        or not all(map(_SAFE.fullmatch, commands))
        or (
            any(command in (r"\{", r"\}") for command in commands[-1:])
            and not is_nested("".join(command[1] for command in commands if command[1] in "{}"))
        )
    ):
        return ""
    return f"${source.replace(chr(92) + '{', chr(92) + 'lbrace ').replace(chr(92) + '}', chr(92) + 'rbrace ')}$"


def _protected(text: str, accents: bool, braces: dict[str, str]) -> str:
    parts = []
    end = 0
    for found in _WORD.finditer(text):
        if _has_capital_inside(found[0]):
            parts += [text[end : found.start()], "\0", found[0], "\1"]
            end = found.end()
    made = _escaped("".join([*parts, text[end:]]), accents, braces)
    return made.replace("\0", "{").replace("\1", "}")


def _has_capital_inside(word: str) -> bool:
    """Tell whether a style that writes titles in small letters would spoil a word: BERT, iPhone, C, but not Learning or A."""
    return word[1:].lower() != word[1:] or (len(word) == 1 and word.isupper() and word != "A")
