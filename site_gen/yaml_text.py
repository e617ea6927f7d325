"""A YAML mapping as text with positions, or problems.

Used for front matter, `site.yml` and the vocabularies. Every scalar is read as text, so YAML can never change a value's
type: `1706.03760` keeps its zero and `NO` stays a word. Built on the event stream of libyaml, which does not recurse;
anchors, aliases, tags, duplicate keys, a second document and deep nesting are refused while walking it.
The two mistakes that real lists are full of, an unquoted `: ` and a value cut by ` #`, are found here and named: most
of the module is its messages.
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
MAX_EXCERPT = 2000  # characters of a line up to which a problem keeps it: a line can be large and have thousands
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
        column = min(column, len(excerpt) + 1)
        return Location(self.path, line, column, excerpt[: max(400, column + 100)] if column <= MAX_EXCERPT else "")

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
        repaired = _repair(lines, line)
        again = repaired is not None and repaired[1] in suspect
        if not again:  # what is wrong with a line that was taken as quoted comes from that
            problems.append(error)
        if repaired is None or again:
            problems += found
            break
        lines, key = repaired
        suspect.add(key)
    if node is not None and suspect:
        node = Mapping(node.pairs, node.line, node.column, frozenset(suspect))
    # A line that is both cut and unreadable was reported by each reading of it.
    return node, list(dict.fromkeys(problems))


_BLANKS = dict.fromkeys(
    map(ord, "\x85\u2028\u2029"), " "
)  # line ends to YAML 1.1, but to no editor: lines would be miscounted


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

    for event in yaml.parse(text.translate(_BLANKS), Loader=LOADER):
        mark: Any = event.start_mark
        line, column = mark.line, mark.column
        if isinstance(event, yaml.ScalarEvent):
            _refuse_features(event, line, column)
            plain = event.implicit[0]
            add(Text(event.value, first_line + line, column + 1, plain))
            if plain:
                end: Any = event.end_mark
                number = first_line + end.line
                source = lines[number - 1] if number <= len(lines) else ""
                # After a key alone, `# note` is a comment, and `#1 of its kind` is a value that was lost.
                if re.match(r"[ \t]+#" if event.value else r"[ \t]+#[^\s#]", source[end.column :]):
                    problems.append(_cut(event.value, source, end.column, document, number))
                problems += _swallowed(document, first_line + line, number)
        elif isinstance(event, yaml.SequenceStartEvent | yaml.MappingStartEvent):
            _refuse_features(event, line, column)
            if len(stack) >= MAX_DEPTH:
                raise _Refused(
                    "nested-too-deep", f"nesting is deeper than {MAX_DEPTH} levels", "make it flatter", line, column
                )
            stack.append(([], event))
        elif isinstance(event, yaml.SequenceEndEvent):
            items, start = stack.pop()
            add(Items(tuple(items), first_line + start.start_mark.line, start.start_mark.column + 1))
        elif isinstance(event, yaml.MappingEndEvent):
            items, start = stack.pop()
            pairs = _pairs(items, document, problems)
            add(Mapping(pairs, first_line + start.start_mark.line, start.start_mark.column + 1))
        elif isinstance(event, yaml.AliasEvent):
            hint = f"if it is text, put it in quotes: {quoted(f'*{event.anchor}')}"
            raise _Refused("yaml-feature", f"*{event.anchor} is a YAML alias, which is not read", hint, line, column)
        elif isinstance(event, yaml.DocumentStartEvent) and root is not None:
            hint = "take the line out, or end the front matter with  ---  alone on its line"
            raise _Refused("yaml-feature", "a second YAML document starts here; one is read", hint, line, column)
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
                Problem(
                    "bad-front-matter", document.of(key), f"a key is text; we found {kind(key)}", "put it in quotes"
                )
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
        "` #` starts a comment in YAML, so the value would " + (f"end after {quoted(value)}" if value else "be empty"),
        f"put the value in quotes:  {whole}"
        if whole
        else "put the value in quotes, or the comment on a line of its own",
    )


def _swallowed(document: Document, first: int, last: int) -> list[Problem]:
    """Report lines of a list that YAML reads as parts of the text above them, because they are indented further."""
    message = "YAML reads this line as a part of the text above it"
    hint = "indent it like the other lines of the list; a text of several lines goes in quotes"
    return [
        Problem("yaml-syntax", document.at(number, 1), message, hint)
        for number in range(first + 1, last + 1)
        if number <= len(document.lines) and document.lines[number - 1].lstrip().startswith("- ")
    ]


def _in_quotes(value: str) -> str:
    """Write a value as a YAML double-quoted scalar on one line; JSON strings are valid ones (YAML 1.2, section 1.3)."""
    return json.dumps(value.strip(), ensure_ascii=False)


_KEY = re.compile(r"^([A-Za-z_][\w-]*)[ \t]*:(?:[ \t]*(?!//)(.*))?$")
QUOTED = re.compile(r""" "(?:[^"\\]|\\.)*" | '(?:[^']|'')*' """, re.VERBOSE)
_Found = tuple[int, int, str, str, str]  # zero-based line and column, code, message, help


def _explain(error: yaml.YAMLError, lines: list[str], document: Document, first_line: int) -> tuple[int, Problem]:
    """Turn an error of libyaml into a problem that says what to do, and the zero-based line that it is about."""
    said, context = getattr(error, "problem", None) or str(error), getattr(error, "context", None) or ""
    mark = getattr(error, "problem_mark", None)
    if mark is None or "scanning a quoted scalar" in context or "simple key" in context:
        mark = getattr(error, "context_mark", None) or mark  # what is open is noticed later than it was opened
    line, column = (min(mark.line, len(lines) - 1), mark.column) if mark else (0, 0)
    message = f"YAML cannot read this: {said}" + (f" ({context})" if context else "")
    hint = "each line is  key: value ; put text with special characters in quotes"
    found: _Found = (line, column, "yaml-syntax", message, hint)
    found = next((made for explain in _EXPLANATIONS if (made := explain(said, lines, line, column))), found)
    line, column, code, message, hint = found
    return line, Problem(code, document.at(first_line + line, column + 1), message, hint)


def _open_quote(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    """Quotes that are not closed on their line, though the next line is a new key, and end with the next quotes."""
    for number in range(line):
        found = _KEY.match(lines[number])
        value = (found.group(2) if found else "") or ""
        if found and value[:1] in ('"', "'") and value and not QUOTED.match(value) and _KEY.match(lines[number + 1]):
            return _quotes(number, found.start(2), f"{found.group(1)}: ", value)
    return None


def _quotes(line: int, column: int, key: str, value: str) -> _Found:
    mark, text = value[0], value.strip()
    message = f"the quotes that start with {mark} do not end where the value ends"
    if text.count(mark) == 1 or text.endswith(mark):  # else the quotes belong to the text
        text = text.strip(mark)
    return line, column, "unquoted-special", message, f"put the whole value in quotes:  {key}{_in_quotes(text)}"


def _escape(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    if "escape" not in said and "hexdecimal" not in said:
        return None
    message = "in double quotes a backslash starts an escape, and this is none that YAML knows"
    return line, column, "yaml-syntax", message, single_quotes(lines[line])


def single_quotes(source: str) -> str:
    """Return the help for a line whose value in double quotes holds a backslash that was meant as one."""
    key, value = _key_and_value(source)
    if not QUOTED.fullmatch(value.strip()):
        return "write two backslashes for one, or put the value in single quotes"
    text = value.strip()[1:-1].replace('\\"', '"').replace("'", "''")
    return f"put it in single quotes:  {key}'{text}'"


def _tab(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    source = lines[line]
    blank = len(source) - len(source.lstrip())
    if "\t" in source[:blank]:
        return line, 0, "tab", "a tab where YAML wants spaces", "indent with spaces:  " + source.expandtabs(2)
    if source[column : column + 1] == "\t":
        return (
            line,
            column,
            "tab",
            "a tab where YAML wants spaces",
            "write spaces:  " + source.strip().replace("\t", " "),
        )
    return None


def _no_space(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    """A colon or a dash that touches what follows. YAML goes on reading, and notices in the next line at the latest."""
    if "mapping values" not in said and "could not find expected ':'" not in said:
        return None
    for number in (line, line - 1):
        found = re.match(r"(\s*(?:[\w-]+:|-(?=[^\s-])))((?!//)[^\s:].*)", lines[number]) if number >= 0 else None
        if found:
            sign = "colon" if found.group(1).endswith(":") else "dash"
            message, hint = f"there is no space after this {sign}", f"write  {found.group(1).strip()} {found.group(2)}"
            return number, found.end(1) - 1, "yaml-syntax", message, hint
    if "could not find" in said:
        message = f"we found {quoted(lines[line].strip())} where  key: value  is expected"
        hint = "indent the line if it belongs to the text above it"
        return line, column, "yaml-syntax", message, hint
    return None


def _second_colon(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    if "mapping values" not in said or ":" not in lines[line]:
        return None
    key, value = _key_and_value(lines[line])
    hint = "put the whole value in quotes, on one line"
    if key and column >= len(lines[line]) - len(value):  # the colon stands in the value, not after a key
        hint = f"put the value in quotes:  {key}{_in_quotes(value)}"
    return line, column, "unquoted-colon", "a second colon on this line makes YAML read a nested mapping", hint


def _key_and_value(source: str) -> tuple[str, str]:
    """Split a line into what stands before its value and the value: `- `, `key: ` or both belong to the front.

    After a dash, only a word in small letters is taken for a key.
    """
    found = re.match(r"^(\s*(?:- +(?:[a-z_]+: +)?|[\w-]+: +)?)(.*)$", source)
    return ((found.group(1).strip() + " ").lstrip(), found.group(2)) if found else ("", source)


def _special(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    """Find the value at or before `line` that starts with one of YAML's own characters.

    libyaml often reports an open bracket or quote where it gave up, lines after where it was opened.
    """
    for number in range(line, -1, -1):
        found = re.match(r"^(\s*(?:- +)?(?:[\w-]+: ?)?)(\S.*|\t.*)$", lines[number])
        if found and (found.group(2)[0] in "@`%[]{}*&!|>\"'," or re.match(r"[-?] ", found.group(2))):
            return _special_value(number, found, lines, line, column)
        if number < line and _KEY.match(lines[number]):
            break
    return None


_CLOSE = {"[": "]", "{": "}"}


def _special_value(number: int, found: re.Match[str], lines: list[str], line: int, column: int) -> _Found:
    key, value = (found.group(1).strip() + " ").lstrip(), found.group(2)
    char, start = value[0], len(found.group(1))
    if char in "\"'":
        return _quotes(number, start, key, value)
    hint = f"put the whole value in quotes:  {key}{_in_quotes(value)}"
    if char in "[{" and lines[line][column : column + 1] in ("@", "`", "%"):
        number, start, char = line, column, lines[line][column]
        hint = "put it in quotes"
    elif char in "[{" and not re.search(r"[]}]\s*\S", value):
        close = _CLOSE[char]
        message = f"YAML cannot read what stands between {char} and {close}"
        fixed, at = _parts_in_quotes(value)
        if key == "title: ":
            hint = f"if it is one text, put it in quotes:  {key}{_in_quotes(value)}"
        elif fixed:
            start += at
            hint = f"put quotes around the part that holds one of YAML's own characters:  {key}{fixed}"
        else:
            hint = "put each part that holds  : # , [ ] { }  in quotes"
        if close not in value:
            message, hint = f"the {char} that opens here is not closed", f"close it:  {key}{value.rstrip()}{close}"
        return number, start, "unquoted-special", message, hint
    return number, start, "unquoted-special", f"a value cannot start with {char} unless it is in quotes", hint


def _parts_in_quotes(value: str) -> tuple[str, int]:
    """Return a flow list or mapping with quotes around the parts that need them, and where the first of them starts.

    "" when that does not make it readable.
    """
    parts, first, place = [], 0, 1
    for part in re.split(r"(,\s*)", value.rstrip()[1:-1]):
        found = re.match(r"(\s*(?:[a-z_]+: +)?)(.*)$" if value[0] == "{" else r"(\s*)(.*)$", part)
        front, text = found.groups() if found else ("", part)
        if any(text.count(pair[0]) != text.count(pair[1]) for pair in ("[]", "{}")):
            return "", 0  # lists in lists: not for us to guess
        if re.search(r": |:$|(^| )#|^[@`%&*!|>?-]|[][{}]", text) and text[:1] not in ("'", '"'):
            first = first or place + len(front)
            text = _in_quotes(text)
        parts.append(front + text)
        place += len(part)
    fixed = value[0] + "".join(parts) + _CLOSE[value[0]]
    try:
        list(yaml.parse(fixed, Loader=LOADER))
    except yaml.YAMLError:
        return "", 0
    return (fixed, first) if first and value.rstrip().endswith(_CLOSE[value[0]]) else ("", 0)


def _end_mark(said: str, lines: list[str], line: int, column: int) -> _Found | None:
    if "document start" not in said or "..." not in lines[:line]:
        return None
    number = lines.index("...")
    return (
        number,
        0,
        "yaml-feature",
        "a line of three dots ends the YAML, and more stands below it",
        "take the line out",
    )


_EXPLANATIONS = (_open_quote, _escape, _tab, _no_space, _second_colon, _end_mark, _special)


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
