"""A YAML mapping as text with positions, or problems.

Used for front matter, `site.yml` and the vocabularies. Every scalar is read as text, so YAML can never change a value's
type: `1706.03760` keeps its zero and `NO` stays a word. Built on the event stream of libyaml, which does not recurse;
anchors, aliases, tags, duplicate keys, a second document and deep nesting are refused while walking it.
The two mistakes that real lists are full of, an unquoted `: ` and a value cut by ` #`, are found here and named.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

import yaml

from site_gen.problems import Location, Problem, quoted

LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
MAX_DEPTH = 6
MAX_REPAIRS = 20  # lines read as quoted after a syntax error, to report what else is wrong


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar; line and column count from 1. A plain scalar without text is what YAML calls null."""

    value: str
    line: int
    column: int
    plain: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A sequence."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping in the order of the file. `suspect` are keys whose values were only guessed after a syntax error."""

    pairs: tuple[tuple[Text, Node], ...]
    line: int
    column: int
    suspect: frozenset[str] = frozenset()


Node = Text | Items | Mapping


def is_empty(node: Node) -> bool:
    """Tell whether the value was left out: `key:` with nothing after it."""
    return isinstance(node, Text) and node.plain and not node.value


def kind(node: Node) -> str:
    """Name the form of a node in words for a message."""
    return {Text: "text", Items: "a list", Mapping: "a mapping"}[type(node)]


class _Refused(Exception):
    """A construct that is not read; carries the zero-based line and column."""

    def __init__(self, code: str, message: str, hint: str, line: int, column: int):
        self.code, self.message, self.hint, self.line, self.column = code, message, hint, line, column


class Document:
    """The lines of a file, which turn a line and column into a `Location` with its excerpt."""

    def __init__(self, path: str, lines: list[str]):
        self.path, self.lines = path, lines

    def at(self, line: int, column: int = 0) -> Location:
        """Return the place at a line and column, both counted from 1."""
        excerpt = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return Location(self.path, line, min(column, len(excerpt) + 1), excerpt[:400])

    def of(self, node: Node) -> Location:
        """Return the place where a node starts."""
        return self.at(node.line, node.column)


def read(text: str, document: Document, first_line: int = 1) -> tuple[Mapping | None, list[Problem]]:
    """Read one mapping from `text`, which starts at `first_line` of the document.

    Returns None with problems when nothing can be read. After a syntax error on a top-level line that line's value is
    taken as quoted and reading goes on, only so that the rest can be checked too; there is then always a problem.
    """
    problems: list[Problem] = []
    suspect: set[str] = set()
    lines = text.split("\n")
    node: Mapping | None = None
    for _ in range(MAX_REPAIRS):
        found: list[Problem] = []
        try:
            node = _walk("\n".join(lines), document, first_line, found)
        except _Refused as refused:
            line = refused.line
            place = document.at(first_line + line, refused.column + 1)
            error = Problem(refused.code, place, refused.message, refused.hint)
        except yaml.YAMLError as raised:
            line, error = _explain(raised, lines, document, first_line)
        else:
            problems += found
            break
        problems.append(error)
        repaired = _repair(lines, line)
        if repaired is None or repaired[1] in suspect:
            problems += found
            break
        lines, key = repaired
        suspect.add(key)
    if node is not None and suspect:
        node = Mapping(node.pairs, node.line, node.column, frozenset(suspect))
    # A line that is both cut and unreadable was reported by each reading of it.
    return node, list(dict.fromkeys(problems))


def _walk(text: str, document: Document, first_line: int, problems: list[Problem]) -> Mapping | None:
    """Walk the events of one document and build its mapping; an explicit stack, so depth costs no recursion."""
    root: Node | None = None
    stack: list[tuple[list[Any], Any]] = []  # (items or pairs so far, start event)
    lines = document.lines

    def add(node: Node) -> None:
        nonlocal root
        if stack:
            stack[-1][0].append(node)
        else:
            root = node

    for event in yaml.parse(text, Loader=LOADER):
        mark = event.start_mark
        line, column = mark.line, mark.column
        if isinstance(event, yaml.ScalarEvent):
            _refuse_features(event, line, column)
            plain = event.implicit[0]
            add(Text(event.value, first_line + line, column + 1, plain))
            if plain and event.value:
                end = event.end_mark
                number = first_line + end.line
                source = lines[number - 1] if number <= len(lines) else ""
                rest = source[end.column :]
                if rest.lstrip(" \t").startswith("#") and rest[:1] in " \t" and event.end_mark.line >= line:
                    problems.append(_cut(event.value, source, end.column, document, number))
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            _refuse_features(event, line, column)
            if len(stack) >= MAX_DEPTH:
                raise _Refused("nested-too-deep", f"nesting is deeper than {MAX_DEPTH} levels", "", line, column)
            stack.append(([], event))
        elif isinstance(event, yaml.SequenceEndEvent):
            items, start = stack.pop()
            add(Items(tuple(items), first_line + start.start_mark.line, start.start_mark.column + 1))
        elif isinstance(event, yaml.MappingEndEvent):
            items, start = stack.pop()
            pairs = _pairs(items, document, problems)
            add(Mapping(pairs, first_line + start.start_mark.line, start.start_mark.column + 1))
        elif isinstance(event, yaml.AliasEvent):
            hint = f"if it is text, put it in quotes: {quoted('*' + event.anchor)}"
            raise _Refused("yaml-feature", f"*{event.anchor} is a YAML alias, which is not read", hint, line, column)
        elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
            raise _Refused("yaml-feature", "a second YAML document starts here; one is read", "", line, column)
    if root is None or is_empty(root):
        return Mapping((), first_line, 1)
    if not isinstance(root, Mapping):
        problems.append(
            Problem(
                "bad-front-matter",
                document.of(root),
                f"we found {kind(root)} where lines of `key: value` are expected",
                'start with a line such as  title: "The title"',
            )
        )
        return None
    return root


def _refuse_features(event: Any, line: int, column: int) -> None:
    if event.anchor is not None:
        hint = f"if it is text, put it in quotes: {quoted('&' + event.anchor)}"
        raise _Refused("yaml-feature", f"&{event.anchor} is a YAML anchor, which is not read", hint, line, column)
    if event.tag is not None:
        tag = event.tag.replace("tag:yaml.org,2002:", "!!")
        raise _Refused(
            "yaml-feature", f"{tag} is a YAML tag, which is not read", "if it is text, put it in quotes", line, column
        )


def _pairs(items: list[Node], document: Document, problems: list[Problem]) -> tuple[tuple[Text, Node], ...]:
    pairs: dict[str, tuple[Text, Node]] = {}
    for key, value in zip(items[::2], items[1::2], strict=True):
        if not isinstance(key, Text):
            problems.append(
                Problem("bad-front-matter", document.of(key), f"a key is text; we found {kind(key)}", "put it in quotes")
            )
        elif key.value in pairs:
            first = pairs[key.value][0].line
            message = f"the key {quoted(key.value)} is given twice: on line {first} and here"
            problems.append(Problem("duplicate-key", document.of(key), message, "keep one of the two lines"))
        else:
            pairs[key.value] = (key, value)
    return tuple(pairs.values())


def _cut(value: str, source: str, column: int, document: Document, number: int) -> Problem:
    start = len(source) - len(source[column:].lstrip(" \t"))
    lead, whole = source[:column], ""
    found = re.match(r"^(\s*(?:- )*(?:[\w-]+:\s+)?)(?=\S)", source)
    if found and source[found.end() : column] == value:  # the whole value stands on this line
        lead = found.group(1)
        whole = lead.strip() + (" " if lead.strip() else "") + _in_quotes(source[found.end() :])
    return Problem(
        "cut-by-comment",
        document.at(number, start + 1),
        f"` #` starts a comment in YAML, so the value would end after {quoted(value)}",
        f"put the value in quotes:  {whole}" if whole else "put the value in quotes, or the comment on a line of its own",
    )


def _in_quotes(value: str) -> str:
    """Write a value as a YAML double-quoted scalar on one line; JSON strings are valid ones (YAML 1.2, section 1.3)."""
    return json.dumps(value.strip(), ensure_ascii=False)


_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]+(.*))?$")


def _explain(error: yaml.YAMLError, lines: list[str], document: Document, first_line: int) -> tuple[int, Problem]:
    """Turn an error of libyaml into a problem that says what to do, and the zero-based line that it is about."""
    mark = getattr(error, "problem_mark", None)
    if mark is None or "quoted scalar" in (getattr(error, "context", None) or ""):
        mark = getattr(error, "context_mark", None) or mark  # an open quote is noticed at the end, but made at its start
    line, column = (mark.line, mark.column) if mark else (0, 0)
    said = getattr(error, "problem", None) or str(error)
    line = min(line, len(lines) - 1)
    source = lines[line]

    if "mapping values are not allowed" in said and ":" in source:
        key, value = _key_and_value(source)
        message = "a second colon on this line makes YAML read a nested mapping"
        hint = "put the whole value in quotes, on one line"
        if value and (not source[:1].isspace() or source.lstrip().startswith("- ")):
            hint = f"put the value in quotes:  {key}{_in_quotes(value)}"
        return line, Problem("unquoted-colon", document.at(first_line + line, column + 1), message, hint)

    blamed = _blame(lines, line, source)
    if blamed is not None:
        line, start, key, value = blamed
        if value[0] == "\t":
            return line, Problem("tab", document.at(first_line + line, start + 1), "a tab where YAML wants spaces",
                                 f"write spaces:  {key}{value.strip()}")  # fmt: skip
        message = f"a value cannot start with {value[0]} unless it is in quotes"
        if value[0] in "\"'":
            message = f"the quotes that start with {value[0]} do not end where the value ends"
            value = value.strip().strip(value[0])
        hint = f"put the whole value in quotes:  {key}{_in_quotes(value)}"
        return line, Problem("unquoted-special", document.at(first_line + line, start + 1), message, hint)

    if "\t" in source[: len(source) - len(source.lstrip())]:
        hint = "indent with spaces:  " + source.expandtabs(2)
        return line, Problem("tab", document.at(first_line + line, 1), "a tab where YAML wants spaces", hint)
    context = getattr(error, "context", None)
    message = f"YAML cannot read this: {said}" + (f" ({context})" if context else "")
    hint = "each line is  key: value ; put text with special characters in quotes"
    return line, Problem("yaml-syntax", document.at(first_line + line, column + 1), message, hint)


def _key_and_value(source: str) -> tuple[str, str]:
    """Split a line into what stands before its value and the value: `- `, `key: ` or both belong to the front."""
    found = re.match(r"^(\s*(?:- +)?(?:[\w-]+: +)?)(.*)$", source)
    return (found.group(1).strip() + " ", found.group(2)) if found else ("", source)


def _blame(lines: list[str], line: int, source: str) -> tuple[int, int, str, str] | None:
    """Find the value at or before `line` that starts with one of YAML's own characters: (line, column, key, value).

    libyaml often reports an open bracket or quote where it gave up, lines after where it was opened.
    """
    for number in range(line, -1, -1):
        found = re.match(r"^(\s*(?:- +)?(?:[\w-]+: ?)?)(\S.*|\t.*)$", lines[number])
        if found and found.group(2)[0] in "@`%[]{}*&!|>\"'\t,":
            return number, len(found.group(1)), found.group(1).strip() + " ", found.group(2)
        if number < line and _KEY.match(lines[number]):
            break
    return None


def _repair(lines: list[str], line: int) -> tuple[list[str], str] | None:
    """Quote the value of the top-level key that `line` belongs to and drop its continuation lines.

    Returns the new lines and the key, or None when there is no such key.
    """
    start = line
    while start >= 0 and not _KEY.match(lines[start]):
        start -= 1
    if start < 0:
        return None
    found = _KEY.match(lines[start])
    assert found is not None
    value = found.group(2) or ""
    repaired = f"{found.group(1)}: {_in_quotes(value)}"
    rest = start + 1
    while rest < len(lines) and not _KEY.match(lines[rest]):
        rest += 1
    # Blank lines keep the numbers of the lines below.
    return [*lines[:start], repaired, *[""] * (rest - start - 1), *lines[rest:]], found.group(1)
