"""One source against the field table: a `Paper`, or problems.

`FIELDS` is the content model of a paper: a key's name, form and reader, in the order in which the docs list them. The
result holds exactly what the file says, converted and checked; what follows from other files (canonical tags, links,
neighbours) is added by `library`. A paper with an error is still returned, one without a title under its id, so that what
depends on it can be checked in the same run; nothing is built while there is an error. Long, because every field has its
reader and its messages here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from site_gen.config import LANGUAGE
from site_gen.fields import (
    Field,
    check_characters,
    colon_in_text,
    flag,
    link,
    list_of,
    one_of,
    one_or_list,
    pattern,
    prose,
    read_fields,
    text,
    whole_number,
    wrong,
)
from site_gen.fingerprint import fingerprint
from site_gen.problems import Location, Problem, quoted
from site_gen.sources import Content, Source, split
from site_gen.yaml_text import Document, Mapping, Node, Text, is_empty

Day = date  # inside a class with a field `date` that name means the field


@dataclass(frozen=True, slots=True)
class Person:
    """A name. `name` is what is shown; a name that is one unit (an organization, a mononym) has no parts."""

    name: str
    given: str = ""
    family: str = ""
    prefix: str = ""
    suffix: str = ""
    orcid: str = ""
    url: str = ""
    affiliation: str = ""

    @property
    def sort_name(self) -> str:
        """The name as an index sorts it: family first, a particle after the given name."""
        if not self.family:
            return self.name
        return ", ".join(filter(None, [self.family, " ".join(filter(None, [self.given, self.prefix])), self.suffix]))


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """A year, a month or a day; month and day are 0 when they are not known. Never more precise than what was given."""

    year: int
    month: int = 0
    day: int = 0

    @property
    def iso(self) -> str:
        return "-".join(f"{part:0{width}}" for part, width in ((self.year, 4), (self.month, 2), (self.day, 2)) if part)

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)


@dataclass(frozen=True, slots=True)
class Venue:
    """Where a paper appeared. Papers are grouped by `short`, or by `name` when there is none."""

    name: str
    short: str = ""
    type: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""

    @property
    def series(self) -> str:
        return self.short or self.name


@dataclass(frozen=True, slots=True)
class Discussion:
    """Where people talk about a paper, and how many comments they had made when somebody last looked."""

    url: str = ""
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as its file gives it; `body` is Markdown source. Fields as in `FIELDS`; "" and () mean not given.

    `fingerprint` stands for all the rest: the digest of the file, until other files change what it says.
    """

    id: str
    path: str
    title: str
    authors: tuple[Person, ...] = ()
    author_count: int | None = None
    date: PartialDate | None = None
    added: Day | None = None
    updated: Day | None = None
    aliases: tuple[str, ...] = ()
    added_by: str = ""
    tags: tuple[str, ...] = ()
    venue: Venue | None = None
    organization: tuple[str, ...] = ()
    arxiv: str = ""
    arxiv_version: str = ""
    doi: str = ""
    openreview: str = ""
    acl: str = ""
    url: str = ""
    links: tuple[tuple[str, str], ...] = ()
    discussion: Discussion | None = None
    editors: tuple[Person, ...] = ()
    status: str = "published"
    superseded_by: str = ""
    abstract: str = ""
    featured: bool = False
    draft: bool = False
    language: str = ""
    cite_as: tuple[tuple[str, str], ...] = ()
    extra: tuple[Any, ...] = ()
    body: str = ""
    body_line: int = 0
    fingerprint: str = ""


ID = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")  # names that Windows refuses; the others cannot be ids


def partial_date(node: Node, document: Document, problems: list[Problem]) -> PartialDate | None:
    """Read `YYYY`, `YYYY-MM` or `YYYY-MM-DD` that the calendar has (ISO 8601, extended format)."""
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?", node.value) if isinstance(node, Text) else None
    if found:
        year, month, day = (int(part or 0) for part in found.groups())
        try:
            date(year, month if found[2] else 1, day if found[3] else 1)
            return PartialDate(year, month, day)
        except ValueError as error:
            problems.append(
                wrong(node, document, f"a date of the calendar ({error})", "bad-date", "such as  2025-09-29")
            )
            return None
    expected = "a date in the form YYYY, YYYY-MM or YYYY-MM-DD"
    problems.append(wrong(node, document, expected, "bad-date", _date_hint(node)))
    return None


def _date_hint(node: Node, least: int = 1) -> str:
    """Return the help for what is no date of at least so many parts: the one it must mean, if year, month, day it is."""
    value = node.value if isinstance(node, Text) else ""
    found = re.fullmatch(r"([0-9]{4})[-/. ]([0-9]{1,2})(?:[-/. ]([0-9]{1,2}))?(?:[T ].*)?", value)
    try:
        meant = [int(part) for part in found.groups() if part] if found else []
        date(*[*meant, 1][:3])
    except (TypeError, ValueError):
        meant = []
    return "write  " + "-".join(f"{part:02}" for part in meant) if len(meant) >= least else "such as  2025-09-29"


def full_date(node: Node, document: Document, problems: list[Problem]) -> date | None:
    """Read `YYYY-MM-DD`."""
    if isinstance(node, Text) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", node.value):
        read = partial_date(node, document, problems)
        return read.first_day if read else None
    problems.append(wrong(node, document, "a day, YYYY-MM-DD,", "bad-date", _date_hint(node, 3)))
    return None


def orcid(node: Node, document: Document, problems: list[Problem]) -> str | None:
    """Read an ORCID iD with its check digit (ISO 7064 MOD 11-2)."""
    if isinstance(node, Text) and re.fullmatch(r"([0-9]{4}-){3}[0-9]{3}[0-9X]", node.value):
        total = 0
        for digit in node.value.replace("-", "")[:-1]:
            total = (total + int(digit)) * 2
        if "0123456789X"[(12 - total % 11) % 11] == node.value[-1]:
            return node.value
        problems.append(
            wrong(node, document, "an ORCID iD with a right check digit", "bad-identifier", "look for a typo")
        )
        return None
    problems.append(wrong(node, document, "an ORCID iD", "bad-identifier", "such as  0000-0002-1825-0097"))
    return None


PERSON = (
    Field("name", text, "a name that is one unit"),
    Field("given", text, "given names"),
    Field("family", text, "family name"),
    Field("prefix", text, "particle that stands before the family name, such as `van der`"),
    Field("suffix", text, "such as `Jr.`"),
    Field("orcid", orcid, "ORCID iD"),
    Field("url", link, "home page"),
    Field("affiliation", text, "university or employer at the time"),
)
_SUFFIX = re.compile(r"(Jr|Sr)\.?|II|III|IV")


def person(node: Node, document: Document, problems: list[Problem]) -> Person | None:
    """Read a name: `Given Family`, `Family, Given`, or a mapping of its parts.

    A lower-case word inside a name, or `Jr.` after it, is taken as a particle or suffix, and a warning asks to say so.
    """
    if isinstance(node, Mapping):
        return _person_of_parts(node, document, problems)
    value = text(node, document, problems)
    if value is None:
        return None
    if "," in value:
        family, given, *more = (part.strip() for part in value.split(","))
        if more or not family or not given:
            hint = "write each name as an item of its own:  - Given Family"
            problems.append(wrong(node, document, "one name, `Given Family` or `Family, Given`,", hint=hint))
            return None
        found = _of_words([*given.split(" "), family])
    else:
        found = named(value)
    if found.prefix or found.suffix:
        parts = {key: getattr(found, key) for key in ("given", "prefix", "family", "suffix")}
        given = ", ".join(f"{key}: {part}" for key, part in parts.items() if part)
        message = f"it cannot be told for sure which part of {quoted(value)} is the family name"
        problems.append(Problem("ambiguous-name", document.of(node), message, f"say so in its place:  {{{given}}}"))
    return found


def named(name: str) -> Person:
    """Return the person whose name is written `Given Family`; the prefix and suffix are guesses."""
    words = name.split(" ")
    suffix = words.pop() if len(words) > 2 and _SUFFIX.fullmatch(words[-1]) else ""
    return _of_words(words, suffix)


def _of_words(words: list[str], suffix: str = "") -> Person:
    name = " ".join([*words, suffix]).rstrip()
    if len(words) == 1:
        return Person(name)
    start = next((n for n, word in enumerate(words[:-1]) if word.islower()), len(words) - 1)
    return Person(name, " ".join(words[:start]), words[-1], " ".join(words[start:-1]), suffix)


def _person_of_parts(node: Mapping, document: Document, problems: list[Problem]) -> Person | None:
    colon = colon_in_text(node, document)
    if colon is not None and node.pairs[0][0].value not in {field.name for field in PERSON}:
        problems.append(colon)
        return None
    parts = read_fields(node, PERSON, document, problems, "a name")
    if "name" not in parts and "family" not in parts:
        hint = "write  {given: Ada, family: Lovelace}  or  {name: A Group}"
        problems.append(
            Problem("missing-field", document.of(node), "a name needs `family`, or `name` for one unit", hint)
        )
        return None
    if "name" in parts and parts.keys() & {"given", "family", "prefix", "suffix"}:
        message = "`name` is for a name that is one unit; it does not go with given, family, prefix or suffix"
        problems.append(Problem("bad-value", document.of(node), message, "keep one of the two"))
        return None
    shown = (parts.get(key) for key in ("name", "given", "prefix", "family", "suffix"))
    return Person(**{**parts, "name": " ".join(filter(None, shown))})


VENUE_TYPES = ("journal", "conference", "workshop", "preprint", "thesis", "report", "book")
VENUE = (
    Field("name", text, "text", required=True),
    Field("short", text, "the series under which papers are grouped"),
    Field("type", one_of(*VENUE_TYPES), "one of " + ", ".join(VENUE_TYPES)),
    Field("volume", text, "text"),
    Field("issue", text, "text"),
    Field("pages", text, "text, such as 12-34"),
    Field("publisher", text, "text"),
)


def venue(node: Node, document: Document, problems: list[Problem]) -> Venue | None:
    """Read a venue: its name, or a mapping."""
    if not isinstance(node, Mapping):
        value = text(node, document, problems)
        return None if value is None else Venue(value)
    parts = read_fields(node, VENUE, document, problems, "a venue")
    return Venue(**parts) if "name" in parts else None


LINKS = ("pdf", "code", "data", "model", "project", "slides", "video", "poster", "blog", "demo")
_LINKS = tuple(Field(kind, one_or_list(link, f"{kind}: [https://…]"), "one web address or a list") for kind in LINKS)


def links(node: Node, document: Document, problems: list[Problem]) -> tuple[tuple[str, str], ...] | None:
    """Read the mapping of links, in the order of `LINKS`, as pairs of kind and address."""
    if not isinstance(node, Mapping):
        problems.append(wrong(node, document, "a mapping of links", hint="write  links: {code: https://…}"))
        return None
    found = read_fields(node, _LINKS, document, problems, "links")
    return tuple((kind, address) for kind in LINKS for address in found.get(kind, ()))


DISCUSSION = (Field("url", link, "a web address"), Field("comments", whole_number(0), "a whole number"))


def discussion(node: Node, document: Document, problems: list[Problem]) -> Discussion | None:
    """Read where a paper is discussed."""
    if not isinstance(node, Mapping):
        problems.append(wrong(node, document, "a mapping", hint="write  discussion: {url: https://…, comments: 3}"))
        return None
    return Discussion(**read_fields(node, DISCUSSION, document, problems, "discussion"))


_MONTH = r"(?:0[1-9]|1[0-2])"
# Four digits after the dot from 0704 to 1412, five from 1501 on; before that seven after the slash.
_NUMBER = rf"(?:0[7-9]|1[0-4]){_MONTH}\.[0-9]{{4}}|(?:1[5-9]|[2-9][0-9]){_MONTH}\.[0-9]{{5}}"
ARXIV = re.compile(rf"(?<![0-9.])({_NUMBER}|[a-z-]+(?:\.[A-Z]{{2}})?/[0-9]{{7}})(v[1-9][0-9]*)?(?![0-9])")
_ARXIV_MONTH = re.compile(rf"(0[7-9]|[1-9][0-9]){_MONTH}\.[0-9]+(?:v[0-9]+)?")
DOI = re.compile(r'10\.[0-9]{4,9}(?:\.[0-9]+)*/[^\s"\\{}^`|\x00-\x1f]{1,200}')
ARXIV_DOI = re.compile(r"10\.48550/arxiv\.(.+)", re.IGNORECASE)


def arxiv(node: Node, document: Document, problems: list[Problem]) -> tuple[str, str] | None:
    """Read an arXiv identifier of the new or the old form as (identifier, version or "").

    Source: info.arxiv.org/help/arxiv_identifier.html.
    """
    value = node.value if isinstance(node, Text) else ""
    found = ARXIV.fullmatch(value)
    if found:
        return found[1], found[2] or ""
    inside = ARXIV.search(value)
    hint = f"write  arxiv: {inside.group()}" if inside else "such as  arxiv: 2312.07000"
    expected = "an arXiv identifier"
    if month := _ARXIV_MONTH.fullmatch(value):
        digits, since = ("five", "from 2015 on") if int(month[1]) >= 15 else ("four", "from April 2007 to 2014")
        expected += f" with {digits} digits after the dot, as {since},"
        hint = "look for a zero that was lost at either end, or a digit too many"
    problems.append(wrong(node, document, expected, "bad-identifier", hint))
    return None


def _bare_identifier(identifier: str) -> str:
    """Return what all ways to write an identifier share: no version, no subject class (math.GT/0309136), no case."""
    return re.sub(r"v[0-9]+$|\.[a-z]{2}(?=/)", "", identifier.casefold())


def doi(node: Node, document: Document, problems: list[Problem]) -> str | None:
    """Read a DOI without a resolver's address before it (ISO 26324; the DOI Handbook, 2.2)."""
    value = node.value if isinstance(node, Text) else ""
    if DOI.fullmatch(value):
        return value
    inside = DOI.search(value)
    hint = f"write  doi: {inside.group()}" if inside else "such as  doi: 10.18653/v1/2023.acl-long.634"
    problems.append(wrong(node, document, "a DOI", "bad-identifier", hint))
    return None


# The entry types of BibTeX and BibLaTeX that a paper, or what a list has beside papers, can be cited as.
ENTRY_TYPES = tuple(
    "article inproceedings incollection inbook book collection proceedings phdthesis mastersthesis thesis techreport "
    "report manual booklet unpublished online dataset software misc".split()
)
# Fields by which BibTeX and biber mean other entries, or orders to themselves; and those of the curator's note, which a
# second one of its name would make unreadable. They are no part of a citation.
_NOT_CITED = frozenset(
    "crossref xref xdata ids related entryset options execute relatedtype sortkey presort annote annotation".split()
)
_KEY = r"[A-Za-z0-9][A-Za-z0-9:._/-]{0,79}"


def cite_as(node: Node, document: Document, problems: list[Problem]) -> tuple[tuple[str, str], ...] | None:
    """Read a BibTeX entry type, or fields that override the derived citation, as pairs; the type's key is `type`."""
    entry_type = one_of(*ENTRY_TYPES)
    if not isinstance(node, Mapping):
        read = entry_type(node, document, problems)
        return None if read is None else (("type", read),)
    key_pattern = pattern(_KEY, "a citation key of ASCII letters and digits", "key: Lovelace2023", "bad-value")
    readers = {"type": entry_type, "key": key_pattern, "date": _date_text, "year": _date_text, "url": link}
    pairs: list[tuple[str, str]] = []
    for key, value in node.pairs:
        if not re.fullmatch(r"[a-z]+", key.value) or key.value in _NOT_CITED:
            hint = f"write  {key.value.lower()}:" if key.value.isalpha() else "such as  {note: To appear}"
            expected = "the name of a BibTeX field, in lower-case letters,"
            if key.value in _NOT_CITED:
                expected, hint = "a field that is cited", "take it out"
            problems.append(wrong(key, document, expected, hint=hint))
        else:
            read = readers.get(key.value, text)(value, document, problems)
            if read is not None:
                pairs.append((key.value, read))
    return tuple(pairs)


def _date_text(node: Node, document: Document, problems: list[Problem]) -> str | None:
    read = partial_date(node, document, problems)
    return read.iso if read else None


def extra(node: Node, document: Document, problems: list[Problem]) -> tuple[Any, ...] | None:
    """Read a mapping of anything as nested tuples of text: pairs for a mapping, items for a list."""
    if not isinstance(node, Mapping):
        problems.append(wrong(node, document, "a mapping", hint="write  extra: {key: value}"))
        return None
    found: tuple[Any, ...] = _plain(node, document, problems)
    return found


def _plain(node: Node, document: Document, problems: list[Problem]) -> Any:
    if isinstance(node, Text):
        check_characters(node, document, problems)
        return node.value
    if isinstance(node, Mapping):
        return tuple((key.value, _plain(value, document, problems)) for key, value in node.pairs)
    return tuple(_plain(item, document, problems) for item in node.items)


STATUSES = ("published", "preprint", "withdrawn", "retracted", "superseded")
paper_id = pattern(ID.pattern, "the id of a paper (its file's name without .md)", "lovelace-1843-notes", "bad-value")

FIELDS = (
    Field("title", text, "text; may hold `$math$`", required=True),
    Field(
        "authors",
        list_of(person, "authors: [Ada Lovelace, Alan Turing]"),
        "list of `Given Family`, `Family, Given`, or a mapping of " + ", ".join(f.name for f in PERSON),
    ),
    Field("author_count", whole_number(1), "whole number: when the names are not known, or the list is cut short"),
    Field("date", partial_date, "`YYYY`, `YYYY-MM` or `YYYY-MM-DD`: when the paper appeared"),
    Field("added", full_date, "`YYYY-MM-DD`: when it joined the list"),
    Field("updated", full_date, "`YYYY-MM-DD`: when the entry last changed in a way that subscribers should see"),
    Field("aliases", list_of(paper_id, "aliases: [old-id]"), "list of ids: old addresses, which redirect here"),
    Field("added_by", text, "GitHub handle or name of who added it"),
    Field("tags", list_of(text, "tags: [honesty, survey]"), "list of tags; the vocabulary is content/tags.yml"),
    Field("venue", venue, "text, or a mapping of " + ", ".join(f.name for f in VENUE)),
    Field(
        "organization", one_or_list(text, "organization: [A Lab]"), "name or list: the lab or university it comes from"
    ),
    Field("arxiv", arxiv, "arXiv identifier, such as 2312.07000; a version is allowed"),
    Field("doi", doi, "DOI, such as 10.18653/v1/2023.acl-long.634"),
    Field(
        "openreview",
        pattern(r"[A-Za-z0-9_-]{6,20}", "an OpenReview forum id", "openreview: rJXMpikCZ"),
        "OpenReview forum id",
    ),
    Field(
        "acl",
        pattern(
            r"[A-Z][0-9]{2}-[0-9]{4,5}|[0-9]{4}\.[a-z0-9]+-[a-z0-9]+\.[0-9]+",
            "an ACL Anthology id",
            "acl: 2023.acl-long.634",
        ),
        "ACL Anthology id, such as 2023.acl-long.634",
    ),
    Field("url", link, "web address of the paper's own page"),
    Field("links", links, "mapping of " + ", ".join(LINKS) + " to one web address or a list"),
    Field("discussion", discussion, "mapping of url and comments: where people talk about it"),
    Field("editors", list_of(person, "editors: [Ada Lovelace]"), "as authors; of a book or proceedings"),
    Field("status", one_of(*STATUSES), "one of " + ", ".join(STATUSES)),
    Field("superseded_by", paper_id, "id of the paper that replaces this one; goes with `status: superseded`"),
    Field("abstract", prose, "text; only where the licence allows"),
    Field("featured", flag, "true or false: a curator's pick"),
    Field("draft", flag, "true or false: visible in preview only"),
    Field(
        "language",
        pattern(LANGUAGE, "a language tag", "language: zh-Hant", "bad-value"),
        "BCP 47 tag of title and text",
    ),
    Field("cite_as", cite_as, "a BibTeX entry type, or a mapping of fields that override the derived citation"),
    Field("extra", extra, "mapping for the theme; the only place for keys of your own"),
)


def read_paper(source: Source) -> tuple[Paper | None, list[Problem]]:
    """Read one file as a paper. Reports everything that this file alone can show to be wrong."""
    content, problems = split(source)
    if not ID.fullmatch(source.stem) or _DEVICES.fullmatch(source.stem):
        problems = [*problems, _bad_name(source)]
    if content is None:
        return None, problems
    values = read_fields(content.front, FIELDS, content.document, problems, "a paper")
    problems += _conflicts(values, content)
    identifier, version = values.pop("arxiv", ("", ""))
    issued = ARXIV_DOI.fullmatch(values.get("doi", ""))
    if issued and not identifier and (found := ARXIV.fullmatch(issued[1])):
        identifier = found[1]  # arXiv's own DOIs name the paper: 10.48550/arXiv.2312.07000
    values |= {"arxiv": identifier, "arxiv_version": version, "title": values.get("title", source.stem)}
    values |= {"body": content.body, "body_line": content.body_line}
    paper = Paper(source.stem, source.path, fingerprint=fingerprint((source.path, source.digest)), **values)
    return paper, problems


def _bad_name(source: Source) -> Problem:
    proposed = re.sub(r"[^a-z0-9]+", "-", source.stem.lower()).strip("-")[:80]
    message = f"the name {quoted(source.stem)} cannot be an id: small letters a to z, digits and hyphens, at most 80"
    if _DEVICES.fullmatch(source.stem):
        message = f"the name {quoted(source.stem)} cannot be an id: Windows keeps it for a device"
    if not ID.fullmatch(proposed) or _DEVICES.fullmatch(proposed):
        proposed = "lovelace-1843-notes"
    hint = f"rename the file, for example to  {proposed}.md"
    return Problem("bad-name", Location(source.path), message, hint)


def _conflicts(values: dict[str, Any], content: Content) -> list[Problem]:
    """Check fields of one paper against each other."""
    problems: list[Problem] = []
    places = {key.value: content.document.of(value) for key, value in content.front.pairs}
    names, count = len(values.get("authors", ())), values.get("author_count")
    if count is not None and count < names:
        message = f"author_count is {count}, but there are {names} names"
        hint = "take author_count out: it is for lists of names that are cut short"
        problems.append(Problem("count-too-small", places["author_count"], message, hint))
    if values.get("status") == "superseded" and "superseded_by" not in values:
        hint = "add a line:  superseded_by: <id of the paper that replaces it>"
        problems.append(Problem("missing-field", places["status"], "a superseded paper has no superseded_by", hint))
    if "superseded_by" in values and values.get("status") != "superseded":
        message = "superseded_by is given, but the status is not superseded"
        problems.append(Problem("bad-value", places["superseded_by"], message, "add a line:  status: superseded"))
    issued = ARXIV_DOI.fullmatch(values.get("doi", ""))
    if issued and "arxiv" in values and _bare_identifier(issued[1]) != _bare_identifier(values["arxiv"][0]):
        message = f"this DOI is the one of arXiv {issued[1]}, but arxiv is {values['arxiv'][0]}"
        problems.append(Problem("bad-identifier", places["doi"], message, "one of the two is another paper's"))
    if "added" not in values and not any(
        key.value == "added" and not is_empty(node) for key, node in content.front.pairs
    ):
        place = content.document.at(content.front.line, 1)
        message = "this paper does not say when it joined the list"
        if not values.keys() & {"updated", "date"}:
            message += ", and has no other date, so it is in no feed"
        problems.append(Problem("missing-added", place, message, "add a line:  added: YYYY-MM-DD"))
    return problems


@dataclass(frozen=True, slots=True)
class ContentPage:
    """A page of prose from `content/pages/`, at `/<id>/`; pages are listed by `order`, then title."""

    id: str
    path: str
    title: str
    order: int = 1000
    description: str = ""
    body: str = ""
    body_line: int = 0


CONTENT_PAGE = (
    Field("title", text, "text", required=True),
    Field("order", whole_number(0), "whole number: its place in the menu, small ones first"),
    Field("description", text, "text: a sentence for search engines"),
)


def read_content_page(source: Source) -> tuple[ContentPage | None, list[Problem]]:
    """Read one file of `content/pages/`."""
    content, problems = split(source)
    if not ID.fullmatch(source.stem) or _DEVICES.fullmatch(source.stem):
        problems = [*problems, _bad_name(source)]
    if content is None:
        return None, problems
    values = read_fields(content.front, CONTENT_PAGE, content.document, problems, "a page")
    values.setdefault("title", source.stem)
    return ContentPage(source.stem, source.path, body=content.body, body_line=content.body_line, **values), problems


def place_of(source: Source, field: str, index: int | None = None) -> Location:
    """Return where a field of a file stands, or its item number `index`; for problems that are found later."""
    content = _read_again(source)
    if content is not None:
        for key, node in content.front.pairs:
            if key.value == field:
                items = getattr(node, "items", ())
                return content.document.of(items[index] if index is not None and index < len(items) else node)
    return Location(source.path)


@lru_cache(maxsize=16)  # a file may have a problem in each of thousands of tags
def _read_again(source: Source) -> Content | None:
    return split(source)[0]
