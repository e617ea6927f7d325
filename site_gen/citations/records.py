"""What is cited of a paper: the one record of which BibTeX, RIS, CSL-JSON, the pages' tags and the plain line are spellings.

A record holds text as a reader should see it: titles with `$math$` as in the paper's file, names in their parts, dates
at their own precision. It leaves out what is the list's own (notes, when it was added), so that an edit of a note
changes no citation. `cite_as` is applied here, once for all forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from site_gen.fingerprint import digest
from site_gen.papers import Paper, PartialDate, Person, Venue, named, place_of
from site_gen.problems import Problem, quoted
from site_gen.sources import Source
from site_gen.text import key

# By venue type the entry type (BibTeX; Patashnik, BibTeXing, 1988, 3.1).
TYPE_OF_VENUE = {
    "journal": "article",
    "conference": "inproceedings",
    "workshop": "inproceedings",
    "preprint": "misc",
    "thesis": "phdthesis",
    "report": "techreport",
    "book": "incollection",
}


@dataclass(frozen=True, slots=True)
class Form:
    """How an entry type is called by each format; `container` and `institution` are what BibTeX calls these fields."""

    bibtex: str
    biblatex: str
    ris: str
    csl: str
    container: str = "howpublished"
    institution: str = "organization"


FORMS = {
    "article": Form("article", "article", "JOUR", "article-journal", "journal"),
    "inproceedings": Form("inproceedings", "inproceedings", "CONF", "paper-conference", "booktitle"),
    "incollection": Form("incollection", "incollection", "CHAP", "chapter", "booktitle"),
    "inbook": Form("incollection", "inbook", "CHAP", "chapter", "booktitle"),
    "book": Form("book", "book", "BOOK", "book", "series"),
    "collection": Form("book", "collection", "BOOK", "book", "series"),
    "proceedings": Form("proceedings", "proceedings", "CONF", "book", "series"),
    "phdthesis": Form("phdthesis", "phdthesis", "THES", "thesis", "", "school"),
    "mastersthesis": Form("mastersthesis", "mastersthesis", "THES", "thesis", "", "school"),
    "thesis": Form("phdthesis", "thesis", "THES", "thesis", "", "school"),
    "techreport": Form("techreport", "techreport", "RPRT", "report", "", "institution"),
    "report": Form("techreport", "report", "RPRT", "report", "", "institution"),
    "manual": Form("manual", "manual", "RPRT", "report", "series"),
    "booklet": Form("booklet", "booklet", "PAMP", "pamphlet"),
    "unpublished": Form("unpublished", "unpublished", "UNPB", "manuscript"),
    "online": Form("misc", "online", "ELEC", "webpage", "organization"),
    "dataset": Form("misc", "dataset", "DATA", "dataset"),
    "software": Form("misc", "software", "COMP", "software"),
    "misc": Form("misc", "misc", "GEN", "document"),
}


@dataclass(frozen=True, slots=True)
class Record:
    """A citation. `type` is a BibTeX entry type; `others` tells that more people wrote it than `authors` names.

    `container` is what it appeared in: a journal, proceedings, a book; `short` its short name. `institution` is where a
    thesis or report comes from. `note` says what a reader must know, such as a retraction. `more` are fields of
    `cite_as` that only BibTeX has. `fingerprint` is the digest of all the rest.
    """

    key: str
    type: str
    title: str
    authors: tuple[Person, ...] = ()
    others: bool = False
    editors: tuple[Person, ...] = ()
    date: PartialDate | None = None
    container: str = ""
    short: str = ""
    volume: str = ""
    issue: str = ""
    pages: str = ""
    publisher: str = ""
    institution: str = ""
    doi: str = ""
    arxiv: str = ""
    arxiv_class: str = ""
    url: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    abstract: str = ""
    note: str = ""
    more: tuple[tuple[str, str], ...] = ()
    fingerprint: str = ""


WRITTEN_AT = ("phdthesis", "mastersthesis", "thesis", "techreport", "report")
# What `cite_as` calls a field of the record.
OVERRIDES = {
    "title": "title",
    "journal": "container",
    "journaltitle": "container",
    "booktitle": "container",
    "howpublished": "container",
    "series": "short",
    "volume": "volume",
    "number": "issue",
    "issue": "issue",
    "pages": "pages",
    "publisher": "publisher",
    "school": "institution",
    "institution": "institution",
    "doi": "doi",
    "eprint": "arxiv",
    "primaryclass": "arxiv_class",
    "eprintclass": "arxiv_class",
    "url": "url",
    "language": "language",
    "note": "note",
}


def record_of(paper: Paper, address: str = "", superseding: str = "") -> Record:
    """Return what is cited of a paper.

    `address` is where the paper itself can be found, `superseding` the title of the paper that replaces it.
    """
    venue = paper.venue or Venue("")
    made = Record(
        key=paper.id,
        type=_type(paper, venue),
        title=paper.title,
        authors=paper.authors,
        others=bool(paper.authors) and (paper.author_count or 0) > len(paper.authors),
        editors=paper.editors,
        date=paper.date,
        container=venue.name,
        short=venue.short if venue.short != venue.name else "",
        volume=venue.volume,
        issue=venue.issue,
        pages=re.sub(r"\s*(?:-+|[‐-―])\s*", "-", venue.pages),
        publisher=venue.publisher,
        doi=paper.doi,
        arxiv=paper.arxiv,
        # Of the old identifiers some name the class: math.GT/0309136.
        arxiv_class=paper.arxiv.partition("/")[0] if "/" in paper.arxiv else "",
        url=address,
        language=paper.language,
        tags=paper.tags,
        abstract=" ".join(paper.abstract.split()),
        note=_note(paper, superseding),
    )
    if paper.cite_as:
        made = _overridden(made, paper.cite_as)
    if made.type in WRITTEN_AT:
        # Where a thesis was written is its organization; what its venue says is left where nothing else does.
        institution = made.institution or ", ".join(paper.organization) or made.publisher or made.container
        made = replace(made, institution=institution, publisher="", container="", short="")
    elif made.type == "book" and key(made.container) == key(made.title):
        made = replace(made, container="")
    return replace(made, fingerprint=digest(repr(made).encode()))  # it is text all through: this says all of it


def _type(paper: Paper, venue: Venue) -> str:
    """Return the entry type that the venue's type asks for; of a venue without one, what its form tells for sure.

    A volume or issue is a journal's, a name with a year (NeurIPS 2025) a meeting's. A book that bears the paper's own
    title is the paper.
    """
    if venue.type == "book" and key(venue.name) == key(paper.title):
        return "book"
    if venue.type:
        return TYPE_OF_VENUE[venue.type]
    if venue.volume or venue.issue:
        return "article"
    return "inproceedings" if re.search(r"\b(1[89]|20)[0-9]{2}\b", venue.name) else "misc"


def _note(paper: Paper, superseding: str) -> str:
    if paper.status == "superseded":
        return f"Superseded by “{superseding}”" if superseding else "Superseded"
    return paper.status.capitalize() if paper.status in ("withdrawn", "retracted") else ""


def _overridden(made: Record, cite_as: Iterable[tuple[str, str]]) -> Record:
    """Return a record with what `cite_as` says in place of what was derived; an empty value cannot be said in YAML."""
    more: list[tuple[str, str]] = []
    changed: dict[str, object] = {}
    archive = dict(cite_as).get("eprinttype") or dict(cite_as).get("archiveprefix") or "arXiv"
    elsewhere = archive.lower() != "arxiv"
    for field, value in cite_as:
        when = re.fullmatch(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?", value)
        if field in ("type", "key"):
            changed[field] = value
        elif field in ("author", "editor"):
            changed[field + "s"] = people_of(value)
            if field == "author":
                changed["others"] = value.endswith(" and others")
        elif field in ("year", "date") and when:
            changed["date"] = PartialDate(*(int(part or 0) for part in when.groups()))
        elif field == "eprint" and elsewhere:
            changed["arxiv"] = changed["arxiv_class"] = ""
            more.append((field, value))
        elif field in OVERRIDES:
            changed[OVERRIDES[field]] = value
        else:
            more.append((field, value))
    return replace(made, **changed, more=tuple(more))  # type: ignore[arg-type]


def people_of(value: str) -> tuple[Person, ...]:
    """Return the names of a field, which "and" parts outside of braces (BibTeXing, 4); "others" is no name."""
    names: list[list[str]] = [[]]
    depth = 0
    for word in value.split(" "):
        if word.lower() == "and" and depth <= 0:
            names.append([])
        else:
            names[-1].append(word)
            depth += word.count("{") - word.count("}")
    people = (_person(" ".join(words)) for words in names if words not in ([], ["others"]))
    return tuple(person for person in people if person.name)


def _person(name: str) -> Person:
    """Return a name as BibTeX writes it: `von Family, Jr., Given`, `Given Family`, or `{One Unit}` (BibTeXing, 4)."""
    if name.startswith("{") and name.endswith("}"):
        return Person(name[1:-1])
    family, *rest = (part.strip() for part in name.strip(", ").split(","))
    if not rest:
        return named(family)
    given, suffix = rest[-1], ", ".join(rest[:-1])
    if re.fullmatch(r"{[^{}]+}", family):
        return Person(" ".join(filter(None, [given, family[1:-1], suffix])), given, family[1:-1], "", suffix)
    words = family.split()
    start = max((n for n, word in enumerate(words[:-1], 1) if word.islower()), default=0)
    prefix, family = " ".join(words[:start]), " ".join(words[start:])
    return Person(" ".join(filter(None, [given, prefix, family, suffix])), given, family, prefix, suffix)


def inverted(person: Person) -> str:
    """Return a name as `Family, Given, Suffix`; a unit, and each part, without commas, which would part it."""
    prefix, family, given, suffix = map(_unparted, (person.prefix, person.family, person.given, person.suffix))
    if not family or not given:
        return _unparted(person.name)
    return ", ".join(filter(None, [f"{prefix} {family}".strip(), given, suffix]))


def without_commas(person: Person) -> Person:
    """Return a name in whose parts blanks stand for commas."""
    parts = ("name", "given", "family", "prefix", "suffix")
    return replace(person, **{part: _unparted(getattr(person, part)) for part in parts})


def _unparted(value: str) -> str:
    return " ".join(value.replace(",", " ").split())


def key_problems(papers: Sequence[Paper], sources: Mapping[str, Source]) -> list[Problem]:
    """Report citation keys that two papers have; BibTeX does not tell capitals from small letters in them.

    A key is a paper's id, or what its `cite_as` says.
    """
    owners = {paper.id: paper for paper in papers if not dict(paper.cite_as).get("key")}
    problems = []
    for paper in sorted(papers, key=lambda paper: paper.path):
        chosen = dict(paper.cite_as).get("key", "")
        if chosen:
            owner = owners.setdefault(chosen.lower(), paper)
            if owner is not paper:
                place = place_of(sources[paper.path], "cite_as")
                message = f"the citation key {quoted(chosen)} is that of {owner.path}, too"
                problems.append(Problem("key-conflict", place, message, "choose another key, or leave it out"))
    return problems
