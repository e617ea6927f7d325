"""One mapping against a table of fields: typed values, or problems with their place.

Front matter, `site.yml` and the vocabularies are all read by a table of `Field`s, so a key has one definition: its
name, how its text is converted, and the words that the docs and the messages use for it. A reader gets a node and
returns a value, or None after adding a problem. What was left empty is absent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import category
from urllib.parse import urlsplit

from site_gen.problems import Problem, nearest, quoted
from site_gen.yaml_text import QUOTED, Document, Items, Mapping, Node, Text, is_empty, kind, single_quotes

Reader = Callable[[Node, Document, list[Problem]], Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a mapping: `form` says in words what it holds, `read` converts it."""

    name: str
    read: Reader
    form: str
    required: bool = False


def read_fields(
    mapping: Mapping, table: Sequence[Field], document: Document, problems: list[Problem], where: str
) -> dict[str, Any]:
    """Return the values of the known, non-empty keys of `mapping`; report unknown and missing ones.

    `where` names the mapping in messages, such as "a paper". Keys whose value was only guessed after a syntax error
    count as present and are not converted.
    """
    known = {field.name: field for field in table}
    values: dict[str, Any] = {}
    for key, node in mapping.pairs:
        field = known.get(key.value)
        if field is None:
            problems.append(_unknown(key, document, list(known), where))
        elif key.value not in mapping.suspect and not is_empty(node):
            values[key.value] = field.read(node, document, problems)
    for field in table:
        if field.required and field.name not in values and field.name not in mapping.suspect:
            place = document.at(mapping.line, mapping.column)
            hint = f"add a line:  {field.name}: …   ({field.form})"
            problems.append(Problem("missing-field", place, f"{where} has no {field.name}", hint))
    return {name: value for name, value in values.items() if value is not None}


def _unknown(key: Text, document: Document, known: list[str], where: str) -> Problem:
    close = nearest(key.value, known)
    hint = f"did you mean  {close}:  ?" if close else "the keys are " + ", ".join(known)
    if "extra" in known:
        hint += "\nkeys of your own go under  extra:"
    return Problem("unknown-field", document.of(key), f"{where} has no field {quoted(key.value)}", hint)


def wrong(node: Node, document: Document, expected: str, code: str = "bad-value", hint: str = "") -> Problem:
    """Report a node that is not of the expected form, quoting what was seen."""
    seen = quoted(node.value) if isinstance(node, Text) else kind(node)
    return Problem(code, document.of(node), f"we found {seen} where {expected} is expected", hint)


def colon_in_text(node: Node, document: Document) -> Problem | None:
    """Return the problem of an item such as `- Theory: of mind`, which YAML reads as a mapping; None for other nodes."""
    if not isinstance(node, Mapping) or len(node.pairs) != 1:
        return None
    key, value = node.pairs[0]
    if not isinstance(value, Text) or (key.line, key.column) != (node.line, node.column):  # in braces it was meant
        return None
    message = "a colon on this line makes YAML read a nested mapping"
    whole = json.dumps(f"{key.value}: {value.value}", ensure_ascii=False)
    return Problem("unquoted-colon", document.of(value), message, f"put it in quotes:  {whole}")


HIDDEN = frozenset(
    "\u00ad\u180e\u200b\u200e\u200f\u2060\ufeff\u061c"
    + "".join(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))
)
LONG = 1000  # characters; the longest real titles have under 400


def text(node: Node, document: Document, problems: list[Problem]) -> str | None:
    """Read text as one line: runs of white space become one space."""
    if not isinstance(node, Text):
        hint = "put the value in quotes" if isinstance(node, Mapping) else "write one value, without brackets or dashes"
        problems.append(colon_in_text(node, document) or wrong(node, document, "text", hint=hint))
        return None
    value = " ".join(node.value.split())
    check_characters(node, document, problems, "abefnrtvLNP_")
    if not value:
        problems.append(wrong(node, document, "text", hint="leave it out if there is none"))
        return None
    if len(value) > LONG:
        message = f"this text has {len(value):,} characters"
        problems.append(
            Problem("very-long", document.of(node), message, "make it shorter; longer texts go below the front matter")
        )
    return value


def prose(node: Node, document: Document, problems: list[Problem]) -> str | None:
    """Read text of several paragraphs."""
    if not isinstance(node, Text):
        problems.append(wrong(node, document, "text", hint="put the value in quotes, or after  |  on lines of its own"))
        return None
    check_characters(node, document, problems, "abefrtvLNP_")
    return node.value.strip() or None


def check_characters(node: Text, document: Document, problems: list[Problem], escapes: str = "") -> None:
    """Report control characters that came in by a YAML escape, invisible characters, and stacks of combining marks.

    `escapes` are letters that make no sense after a backslash here: in double quotes, `"$\\theta$"` holds a tab.
    """
    value = node.value
    if value.isascii() and value.isprintable():
        return
    escape = _escape(node, document, escapes)
    if escape is not None:
        problems.append(escape)
        return
    for char in value:
        if (category(char) == "Cc" and char not in "\n\t") or category(char) == "Cs" or _is_no_character(char):
            problems.append(
                Problem("control-character", document.of(node), f"the value holds U+{ord(char):04X}", "take it out")
            )
            break
    hidden = sorted({char for char in value if char in HIDDEN})
    if hidden:
        names = ", ".join(f"U+{ord(char):04X}" for char in hidden)
        message = f"the value holds characters that cannot be seen or that change the direction of text: {names}"
        problems.append(
            Problem("invisible-character", document.of(node), message, "take them out unless they are meant")
        )
    run = 0
    for char in value:
        run = run + 1 if category(char) == "Mn" else 0
        if run == 8:
            message = "the value holds eight or more combining marks in a row"
            problems.append(Problem("invisible-character", document.of(node), message, "take them out"))
            break


def _is_no_character(char: str) -> bool:
    """Tell whether Unicode keeps this code point from ever being a character (core specification, 23.7)."""
    return "\ufdd0" <= char <= "\ufdef" or ord(char) & 0xFFFE == 0xFFFE


def _escape(node: Text, document: Document, letters: str) -> Problem | None:
    line = document.lines[node.line - 1] if node.line <= len(document.lines) else ""
    source = line[node.column - 1 :]
    if node.plain or not letters or not source.startswith('"'):
        return None
    whole = QUOTED.match(source)
    found = re.match(rf"(?:[^\\]|\\[^{letters}])*\\([{letters}])", whole.group() if whole else source)
    if found is None:
        return None
    message = f"in double quotes YAML reads \\{found.group(1)} as a blank or control character"
    place = document.at(node.line, node.column + found.start(1) - 1)
    return Problem("control-character", place, message, single_quotes(line))


def whole_number(least: int) -> Reader:
    """Return a reader of whole numbers from `least` on."""

    def read(node: Node, document: Document, problems: list[Problem]) -> int | None:
        if isinstance(node, Text) and re.fullmatch(r"[0-9]{1,9}", node.value) and int(node.value) >= least:
            return int(node.value)
        problems.append(
            wrong(node, document, f"a whole number of at least {least}", hint=f"digits only, such as  {least + 1}")
        )
        return None

    return read


def flag(node: Node, document: Document, problems: list[Problem]) -> bool | None:
    """Read `true` or `false`."""
    if isinstance(node, Text) and node.value.lower() in ("true", "false"):
        return node.value.lower() == "true"
    meant = (
        {"yes": "true", "on": "true", "1": "true"}.get(node.value.lower(), "false")
        if isinstance(node, Text)
        else "true"
    )
    problems.append(wrong(node, document, "true or false", hint=f"write  {meant}"))
    return None


def one_of(*choices: str) -> Reader:
    """Return a reader of one word out of `choices`."""

    def read(node: Node, document: Document, problems: list[Problem]) -> str | None:
        if isinstance(node, Text) and node.value in choices:
            return node.value
        close = nearest(node.value, choices) if isinstance(node, Text) else ""
        hint = f"did you mean  {close}  ?" if close else "write one of them, or leave it out"
        problems.append(wrong(node, document, "one of " + ", ".join(choices), hint=hint))
        return None

    return read


def pattern(expression: str, expected: str, example: str, code: str = "bad-identifier") -> Reader:
    """Return a reader of text that matches `expression` as a whole. `example` is a value to follow."""
    compiled = re.compile(expression)

    def read(node: Node, document: Document, problems: list[Problem]) -> str | None:
        if isinstance(node, Text) and compiled.fullmatch(node.value):
            return node.value
        problems.append(wrong(node, document, expected, code, f"such as  {example}"))
        return None

    return read


def list_of(read_one: Reader, example: str) -> Reader:
    """Return a reader of a list; a single value is not one. `example` is a line to paste."""

    def read(node: Node, document: Document, problems: list[Problem]) -> tuple[Any, ...] | None:
        if not isinstance(node, Items):
            problems.append(wrong(node, document, "a list", hint=f"write it as a list:  {example}"))
            return None
        if not node.items:
            problems.append(wrong(node, document, "at least one item", hint="leave the line out if there is none"))
            return None
        values = [
            read_one(item, document, problems) for item in node.items if not _empty_item(item, document, problems)
        ]
        return tuple(value for value in values if value is not None)

    return read


def _empty_item(node: Node, document: Document, problems: list[Problem]) -> bool:
    if is_empty(node):
        problems.append(wrong(node, document, "a value after the dash or comma", hint="take the empty item out"))
        return True
    return False


def one_or_list(read_one: Reader, example: str) -> Reader:
    """Return a reader of one value or a list of them; always gives a tuple."""
    read_list = list_of(read_one, example)

    def read(node: Node, document: Document, problems: list[Problem]) -> tuple[Any, ...] | None:
        if isinstance(node, Items):
            values: tuple[Any, ...] | None = read_list(node, document, problems)
            return values
        value = read_one(node, document, problems)
        return None if value is None else (value,)

    return read


def is_web_link(address: str) -> bool:
    """Tell whether an address is plain http or https: a host, no user or password, no blanks or control characters.

    Non-ASCII characters are let through (they are IRIs, RFC 3987); a backslash is not, as browsers read it as a slash.
    """
    if len(address) > 2000 or not re.match(r"https?://[^/\s]", address, re.IGNORECASE):
        return False
    if any(c in '\\<>"{}|^`' or category(c) in ("Cc", "Cf", "Zs", "Zl", "Zp", "Cs", "Cn", "Co") for c in address):
        return False
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return bool(parts.hostname) and "@" not in parts.netloc


def link(node: Node, document: Document, problems: list[Problem]) -> str | None:
    """Read an http or https address."""
    if isinstance(node, Text) and is_web_link(node.value):
        return node.value
    hint = "write it with  https://  and without spaces, user names or passwords"
    problems.append(wrong(node, document, "a web address", "bad-link", hint))
    return None
