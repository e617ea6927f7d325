"""Slugs, plain text and collation: what can be derived from a text without knowing the site.

All functions are pure and total: any string has a key, a slug and a place in the alphabet. Two texts with one key are
the same term; `library` makes sure that two keys never share a slug.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Any
from unicodedata import category, combining, name, normalize

MAX_SLUG = 100  # bytes in UTF-8; a file name may have 255, and a URL should be readable
RESERVED = frozenset(
    # the site's own names, and the device names that Windows refuses as file names (with or without extension)
    "index feed 404 pagefind search page papers letter undated formerly assets images static".split()
    + "con prn aux nul clock$ conin$ conout$".split()
    + [f"{device}{n}" for device in ("com", "lpt") for n in "0123456789¹²³"]
)
_KEPT = frozenset("Lu Ll Lt Lm Lo Mn Mc Nd Nl".split())  # general categories: letters, their marks, digits
_WORDS = {"+": " plus ", "#": " sharp ", "&": " and ", "@": " at ", "%": " percent "}
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŧ": "t", "ŋ": "n"}
)


@lru_cache(maxsize=100_000)
def key(value: str) -> str:
    """Return what makes two names the same term: NFC, white space collapsed, case folded."""
    return normalize("NFC", normalize("NFC", " ".join(value.split())).casefold())


@lru_cache(maxsize=100_000)
def slug(value: str) -> str:
    """Return a readable last part for the URL of a term; different terms may get the same one.

    Latin letters lose their marks, other scripts stay as they are, some signs become words (`C++` is `c-plus-plus`),
    and all else becomes a hyphen. Never empty, never reserved, at most `MAX_SLUG` bytes, in Unicode normal form C.
    """
    folded = key(value).translate(_LETTERS)
    plain = "".join(_WORDS.get(char, char) for char in _without_marks(folded))
    kept = "".join(char if category(char) in _KEPT else "-" for char in plain)
    made = normalize("NFC", re.sub(r"-+", "-", kept).strip("-"))
    while made and (category(made[0])[0] == "M" or made[0] == "-"):  # a mark needs a letter to stand on
        made = made[1:]
    if not made or made in RESERVED or len(made.encode()) > MAX_SLUG - 9 or _SUFFIXED.search(made):
        return with_suffix(made, value)
    return made


_SUFFIXED = re.compile(r"-[0-9a-f]{8}$")  # a name that looks like a slug of `with_suffix` gets a suffix, too


def with_suffix(made: str, value: str) -> str:
    """Return `made` with eight hexadecimal digits of the value's key, so that it differs from the slug of any other."""
    short = made.encode()[: MAX_SLUG - 9].decode(errors="ignore").strip("-")
    mark = blake2b(key(value).encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{short}-{mark}" if short else f"term-{mark}"


def _without_marks(value: str) -> str:
    """Return NFKD text in which Latin letters have lost their combining marks; other scripts are composed again."""
    if value.isascii():
        return value
    out: list[str] = []
    latin = False
    for char in normalize("NFKD", value):
        if combining(char):
            if not latin:
                out.append(char)
        else:
            latin = char.isascii() or name(char, "").startswith("LATIN")
            out.append(char)
    return normalize("NFKC", "".join(out)).casefold()


@lru_cache(maxsize=100_000)
def collation(value: str) -> tuple[str, str]:
    """Return a sort key that ignores case, marks and punctuation first; ties are broken by the text itself."""
    folded = _without_marks(key(value).translate(_LETTERS))
    return "".join(char for char in folded if char == " " or category(char) in _KEPT).strip(), value


def forget() -> None:
    """Empty the caches of this module: some 20 MB for 10,000 papers, which rendering can use better."""
    for cached in (key, slug, collation):
        cached.cache_clear()


def initial(value: str) -> str:
    """Return the heading under which an index lists `value`: a letter A to Z, another script's letter, or `#`."""
    first = collation(value)[0][:1].upper()
    return first if first.isalpha() else "#"


_MATH = re.compile(r"(?<!\\)\$(?!\s)((?:[^$\\]|\\.)+?)(?<!\s)\$(?!\d)")


def split_math(value: str) -> list[tuple[bool, str]]:
    """Split a one-line text into (is math, text) parts at `$…$`.

    As in Pandoc's rule: no blank after the opening sign or before the closing one, no digit after it, so that
    "$5 and $10" is text; `\\$` is a dollar sign.
    """
    if "$" not in value:
        return [(False, value)]
    parts: list[tuple[bool, str]] = []
    end = 0
    for found in _MATH.finditer(value):
        parts += [(False, value[end : found.start()].replace("\\$", "$")), (True, found.group(1))]
        end = found.end()
    parts.append((False, value[end:].replace("\\$", "$")))
    return [part for part in parts if part[1]]


def plain(value: str) -> str:
    """Return a title without math markup: `$O(n^2)$` as readable text. For feeds, search and page titles."""
    return "".join(plain_math(part) if is_math else part for is_math, part in split_math(value))


# Commands by which pylatexenc reads the clock, or what another formula has said.
_NOT_A_FORMULA = re.compile(r"\\(today|maketitle)(?![A-Za-z])")


@lru_cache(maxsize=4096)
def plain_math(source: str) -> str:
    """Return a formula as readable text, its source where it cannot be read, or would say more than it does."""
    if _NOT_A_FORMULA.search(source):
        return source
    convert, commands = _latex()
    try:
        read: str = convert.latex_to_text(source, latex_context=commands)
    except (RecursionError, ValueError, IndexError, AttributeError, TypeError):
        return source
    except Exception as error:  # pylatexenc's own errors share no public base class
        if type(error).__module__.split(".")[0] != "pylatexenc":
            raise
        return source
    return " ".join(read.split()) or source


@lru_cache(maxsize=1)
def _latex() -> tuple[Any, Any]:
    """Return pylatexenc's converter and its table of commands, which it would make anew for every formula."""
    from pylatexenc.latex2text import LatexNodes2Text  # only lists with math pay for the import
    from pylatexenc.latexwalker import get_default_latex_context_db

    convert = LatexNodes2Text(math_mode="text", strict_latex_spaces="based-on-source")
    return convert, get_default_latex_context_db()
