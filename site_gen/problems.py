"""What is wrong, where, and what to do about it; and how to print that for a person, for GitHub and as JSON.

First in the import order. A problem is a value that every stage returns beside its result; nothing is raised and
nothing is printed before all of them are known. A code never changes its meaning, has one severity, and has a
section in `docs/problems.md`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import blake2b
from typing import TextIO
from unicodedata import category, combining, east_asian_width

ERROR, WARNING = "error", "warning"

CODES: dict[str, tuple[str, str]] = {
    # code: (severity, what it means in a line)
    "alias-conflict": (ERROR, "an old address belongs to another page"),
    "bad-config": (ERROR, "a setting of site.yml is not of the expected form"),
    "bad-date": (ERROR, "not a date of the calendar in the form YYYY, YYYY-MM or YYYY-MM-DD"),
    "bad-front-matter": (ERROR, "the front matter is missing, not closed, or not one mapping"),
    "bad-identifier": (ERROR, "an arXiv identifier, DOI, ORCID or the like is not well-formed"),
    "bad-image": (
        ERROR,
        "an image is not a PNG, JPEG, WebP or AVIF of at most 1 MB, or has no alt text, or is missing",
    ),
    "bad-link": (ERROR, "an address is not a plain http or https link"),
    "bad-name": (ERROR, "a file's name cannot become an address"),
    "bad-value": (ERROR, "a value is not of the form that its field has"),
    "clash": (ERROR, "two outputs have the same address"),
    "control-character": (ERROR, "a character that no text needs"),
    "count-too-small": (ERROR, "author_count is smaller than the number of names given"),
    "cut-by-comment": (ERROR, "` #` starts a comment in YAML and cuts the value"),
    "duplicate-key": (ERROR, "a key is given twice"),
    "foreign-file": (ERROR, "a file that the build did not write is where a page should go"),
    "key-conflict": (ERROR, "two papers have one citation key"),
    "missing-field": (ERROR, "a required field is missing"),
    "not-utf8": (ERROR, "a file is not UTF-8 text"),
    "nested-too-deep": (ERROR, "front matter nests deeper than 6 levels"),
    "no-such-paper": (ERROR, "a reference to a paper that is not on the list"),
    "not-a-file": (ERROR, "a symbolic link or special file where a plain file is expected"),
    "not-ours": (ERROR, "the output folder is not one that Reading Room may write to"),
    "output-failed": (ERROR, "the output could not be written"),
    "tab": (ERROR, "a tab where YAML wants spaces"),
    "template-error": (ERROR, "a template of the theme could not be rendered"),
    "theme-missing": (ERROR, "the theme has no such folder or template"),
    "too-large": (ERROR, "a file is larger than its kind may be"),
    "unknown-field": (ERROR, "a key that the content model does not have"),
    "unquoted-colon": (ERROR, "a colon and a space inside a value that is not in quotes"),
    "unquoted-special": (ERROR, "a value starts with a character that YAML keeps for itself"),
    "unreadable": (ERROR, "a file or folder could not be read"),
    "vocabulary-clash": (ERROR, "a name or synonym belongs to two terms of the vocabulary"),
    "yaml-feature": (ERROR, "anchors, aliases, tags and several documents are not read"),
    "yaml-syntax": (ERROR, "the YAML cannot be read"),
    "ambiguous-name": (WARNING, "a name whose family part cannot be told"),
    "future-date": (WARNING, "a paper appeared after the newest was added to the list"),
    "invisible-character": (WARNING, "invisible or direction-changing characters in a text"),
    "missing-added": (WARNING, "a paper does not say when it joined the list"),
    "refused-link": (WARNING, "a link in a text that is shown as plain text"),
    "search-failed": (WARNING, "the search index could not be made"),
    "stray-file": (WARNING, "a file or folder in the content folder that is not read"),
    "unknown-tag": (WARNING, "a tag that the vocabulary does not have"),
    "very-long": (WARNING, "a text that is too long to be meant"),
}


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file. `path` is relative to the site's root, with slashes; line and column count from 1, 0 is unknown.

    `excerpt` is the source line as it stands in the file, kept so that printing needs no second look at the disk.
    """

    path: str
    line: int = 0
    column: int = 0
    excerpt: str = ""

    def __str__(self) -> str:
        return ":".join([self.path, *(str(n) for n in (self.line, self.column) if n)])


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a stable code, a place, what we saw and expected, and a hint to paste or to follow."""

    code: str
    location: Location
    message: str
    hint: str = ""

    @property
    def severity(self) -> str:
        return CODES[self.code][0]


def has_errors(problems: Iterable[Problem], strict: bool = False) -> bool:
    """Tell whether the problems stop a build; with `strict`, warnings do too."""
    return any(strict or p.severity == ERROR for p in problems)


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return the distinct problems sorted by path, line and column."""
    return tuple(
        sorted(set(problems), key=lambda p: (p.location.path, p.location.line, p.location.column, p.code, p.message))
    )


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: 1 paper, 2,000 papers."""
    return f"{number:,} {noun}" + ("s" if number != 1 else "")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word closest to `word`, or "" when none is close."""
    names = {name.casefold(): name for name in sorted(known)}
    found = get_close_matches(word.casefold(), names, n=1, cutoff=0.6)
    return names[found[0]] if found else ""


def quoted(value: str, limit: int = 60) -> str:
    """Return the user's own text in double quotes, safe to print on a terminal and at most about `limit` characters."""
    return json.dumps(printable(value if len(value) <= limit else value[: limit - 1] + "…"), ensure_ascii=False)


def printable(text: str) -> str:
    """Return `text` with control, format and surrogate characters replaced, so that content cannot steer a terminal."""
    if text.isprintable():
        return text
    return "".join("�" if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") and c != "\n" else c for c in text)


def shows_colour(stream: TextIO) -> bool:
    """Tell whether problems may be printed in colour: on a terminal that knows it, unless NO_COLOR says no (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def escaped(text: str, stream: TextIO) -> str:
    """Return `text` as `stream` can print it: what its encoding lacks becomes an escape."""
    encoding = stream.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _cells(text: str) -> int:
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def _excerpt(place: Location) -> list[str]:
    line, column = place.excerpt.replace("\t", " "), place.column
    if column > 60:  # keep the caret in sight of a very long line
        line, column = "…" + line[column - 40 :], 42
    shown = printable(line if len(line) <= 110 else line[:109] + "…")
    gutter = f"{place.line:>5} | "
    lines = [(gutter + shown).rstrip()]
    if column:
        lines.append(" " * (len(gutter) - 2) + "| " + " " * _cells(printable(line[: column - 1])) + "^")
    return lines


def as_text(problem: Problem, colour: bool = False) -> str:
    """Show one problem to a person: place, message and code, the source line with a caret, and the help."""

    def paint(code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if colour else text

    mark = paint("31;1" if problem.severity == ERROR else "33;1", f"{problem.severity}:")
    where = paint("1", printable(str(problem.location)) + ":")
    lines = [f"{where} {mark} {printable(problem.message)} {paint('2', f'[{problem.code}]')}"]
    if problem.location.excerpt and problem.location.line:
        lines += _excerpt(problem.location)
    if problem.hint:
        first, *rest = printable(problem.hint).split("\n")
        lines += [f"  {paint('32', 'help:')} {first}", *("        " + line for line in rest)]
    return "\n".join(lines)


def as_github(problem: Problem) -> str:
    """Return the problem as a GitHub workflow command.

    Escapes follow the Actions toolkit (`packages/core/src/command.ts`): `%`, CR and LF everywhere, `:` and `,` in
    properties as well.
    """

    def data(text: str) -> str:
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")

    def prop(text: str) -> str:
        return data(text).replace(":", "%3A").replace(",", "%2C")

    place = problem.location
    properties = {"file": place.path, "line": place.line, "col": place.column, "title": problem.code}
    shown = ",".join(f"{key}={prop(str(value))}" for key, value in properties.items() if value)
    text = problem.message + (f"\nhelp: {problem.hint}" if problem.hint else "")
    return f"::{problem.severity} {shown}::{data(text)}"


def as_data(problem: Problem) -> dict[str, object]:
    """Return the problem as plain data for JSON."""
    place = problem.location
    return {
        "severity": problem.severity,
        "code": problem.code,
        "path": place.path,
        "line": place.line or None,
        "column": place.column or None,
        "message": problem.message,
        "help": problem.hint or None,
        "source": place.excerpt or None,
    }


def report(problems: Sequence[Problem], style: str, colour: bool = False) -> str:
    """Return all problems as one text in the style `text`, `github` or `json`.

    GitHub shows ten annotations of a kind in a step, so that style prints the readable text of all, then the commands
    of the first ten of each severity.
    """
    if style == "json":
        return json.dumps([as_data(p) for p in problems], ensure_ascii=False, indent=2)
    text = "\n\n".join(as_text(p, colour) for p in problems)
    if style == "github":
        first = [p for kind in (ERROR, WARNING) for p in [q for q in problems if q.severity == kind][:10]]
        # The runner takes "::name::" for a command also after spaces, and "##[name]" anywhere in a line; so no commands
        # are read until a word comes that content cannot hold, as it depends on all of the content.
        word = blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
        text = "\n".join([f"::stop-commands::{word}", text, f"::{word}::", *(as_github(p) for p in first)])
    return text
