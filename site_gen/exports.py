"""Which files does the site offer to take away, and what do their bytes say?

Citations of each paper, of each tag and venue, and of the whole list; the papers with all their fields; Markdown. Their
outputs are planned here and written by `WRITERS`, by the name that a page has in place of a template: no theme changes
them. A writer is a pure function that yields text in parts, so that a file of 100,000 papers is never held as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from itertools import zip_longest
from typing import Any, get_args, get_origin, get_type_hints

from site_gen.citations import bibtex, csl, ris
from site_gen.citations.records import Record, record_of
from site_gen.config import Config
from site_gen.contexts import (
    CitationsContext,
    Context,
    OverviewContext,
    Page,
    PapersContext,
    RedirectContext,
    Site,
    count_of,
    permalink,
)
from site_gen.feeds import Cache, atom, json_feed, opml
from site_gen.library import Library, Link, identifier_links
from site_gen.papers import FIELDS, Paper, PartialDate
from site_gen.text import split_math

FORMATS = (  # writer, file for the whole list, what it is called
    ("bibtex", "/papers.bib", "BibTeX"),
    ("biblatex", "/papers.biblatex.bib", "BibLaTeX"),
    ("ris", "/papers.ris", "RIS"),
    ("csl-json", "/papers.csl.json", "CSL-JSON"),
)
OF_A_PAPER = (("bibtex", "cite.bib"), ("ris", "cite.ris"), ("csl-json", "cite.json"))
WITH_BIBTEX = ("tags", "venues")
OVERVIEW_LENGTH = 500  # papers in llms.txt
VERSION = 1  # of papers.json; it grows when a field gets another meaning or goes, not when one is added


def records_of(library: Library) -> dict[str, Record]:
    """Return by paper id, in the order of the list, what is cited of each paper."""
    records = {}
    for paper, entry in zip(library.papers, library.entries, strict=True):
        superseding = entry.superseded_by.name if entry.superseded_by else ""
        records[paper.id] = record_of(paper, _address(paper), superseding)
    return records


def _address(paper: Paper) -> str:
    """Return where a paper can be read, besides its DOI; "" when nothing is known."""
    found = {link.name: link.url for link in identifier_links(paper)}
    known = (paper.url, found.get("OpenReview"), found.get("ACL Anthology"), found.get("arXiv"))
    return next(filter(None, known), dict(reversed(paper.links)).get("pdf", ""))


def with_notes(url: str) -> str:
    """Return the URL of the variant with the curators' notes of a file of the whole list."""
    stem, dot, ending = url.partition(".")
    return f"{stem}-with-notes{dot}{ending}"


def export_pages(library: Library, records: Mapping[str, Record], config: Config) -> Iterator[Page]:
    """Plan all files to take away, but for feeds."""
    pairs = [*zip(library.papers, library.entries, strict=True)]
    for paper, entry in pairs:
        one = (records[paper.id],)
        for writer, name in OF_A_PAPER:
            url = entry.url + name
            yield Page(url, writer, CitationsContext(url=url, title=entry.title_text, records=one), paper.path)
        url = f"{entry.url}index.md"
        yield Page(url, "index.md", PapersContext(url=url, title=entry.title_text, papers=(paper,)), paper.path)
    # Of several papers with one identifier the first that was added; those without a day are after all of them.
    first = {paper.arxiv: (paper, entry) for paper, entry in pairs}
    first |= {paper.arxiv: (paper, entry) for paper, entry in pairs if paper.added}
    for arxiv, (paper, entry) in first.items():
        if arxiv:
            redirect = RedirectContext(url=f"/arxiv/{arxiv}/", title=entry.title_text, target=entry.url)
            yield Page(redirect.url, "redirect.html.j2", redirect, paper.path)
    for name in WITH_BIBTEX:
        taxonomy = library.taxonomies[name]
        for term in taxonomy.terms:
            url, own = f"{term.url}papers.bib", tuple(records[entry.id] for entry in term.entries)
            context = CitationsContext(url=url, title=term.name, records=own)
            for address in (url, *(f"{taxonomy.url}{old}/papers.bib" for old in term.former)):
                yield Page(address, "bibtex", context, f"{term.name!r} in the list of {name}")
    everything, notes = tuple(records.values()), tuple(paper.body for paper in library.papers)
    for writer, url, _ in FORMATS:
        yield Page(url, writer, CitationsContext(url=url, title=config.title, records=everything), "the citations")
        url = with_notes(url)
        context = CitationsContext(url=url, title=config.title, records=everything, notes=notes)
        yield Page(url, writer, context, "the citations")
    papers = PapersContext(url="/papers.json", title=config.title, papers=library.papers)
    yield Page("/papers.json", "papers.json", papers, "the papers")
    schema = Context(url="/papers.schema.json", title=config.title)
    yield Page("/papers.schema.json", "papers.schema.json", schema, "the schema of the papers")
    tags = sorted(library.taxonomies["tags"].terms, key=lambda term: (-len(term.entries), term.slug))
    data = [Link(f"All papers as {name}", url) for _, url, name in FORMATS]
    overview = OverviewContext(
        url="/llms.txt",
        title=config.title,
        entries=library.entries[:OVERVIEW_LENGTH],
        total=len(library.entries),
        tags=tuple(map(count_of, tags[:100])),
        data=(Link("All papers with all fields as JSON", "/papers.json"), *data),
    )
    yield Page("/llms.txt", "llms.txt", overview, "the overview for language models")


Write = Callable[[Any, Site, Cache], Iterator[str | bytes]]


def _records(context: CitationsContext) -> Iterator[tuple[Record, str]]:
    return zip_longest(context.records, context.notes, fillvalue="")  # type: ignore[arg-type]


_BIBTEX = {"bibtex": (bibtex.bibtex, "annote"), "biblatex": (bibtex.biblatex, "annotation")}


def spelt(form: str, record: Record, cache: Cache, note: str = "") -> bytes:
    """Return a record as BibTeX or BibLaTeX, which pages and the files of terms hold, too: spelt once for all of a build."""
    spell, field = _BIBTEX[form]
    made = cache.get((form, record.key))
    if made is None:
        made = cache[form, record.key] = spell(record).encode()
    return bibtex.annotated(made.decode(), note, field).encode() if note else made


def _bibtex(form: str) -> Write:
    def write(context: CitationsContext, site: Site, cache: Cache) -> Iterator[bytes]:
        for number, (record, note) in enumerate(_records(context)):
            yield (b"\n" if number else b"") + spelt(form, record, cache, note)

    return write


def _ris(context: CitationsContext, site: Site, cache: Cache) -> Iterator[str]:
    for record, note in _records(context):
        yield ris.ris(record, note)


def _csl_json(context: CitationsContext, site: Site, cache: Cache) -> Iterator[str]:
    yield from _array((csl.csl_json(record, note) for record, note in _records(context)), "")


def _array(items: Iterator[str], after: str) -> Iterator[str]:
    yield "["
    for number, item in enumerate(items):
        yield f"{',' if number else ''}\n{item}"
    yield f"\n]{after}\n"


def as_json(value: Any) -> Any:
    """Return a value of the content model as JSON has it; what is not given is left out of a mapping.

    Dates are text at their own precision; pairs, such as links, stay pairs, since a kind may come twice.
    """
    if isinstance(value, PartialDate):
        return value.iso
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [as_json(item) for item in value]
    if is_dataclass(value):
        found = ((name, getattr(value, name)) for name in _public(value.__class__))
        return {name: as_json(item) for name, item in found if item or type(item) is int}
    return value


@cache
def _public(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind) if field.name not in PRIVATE)


PRIVATE = ("path", "body_line", "draft", "fingerprint")


def _papers_json(context: PapersContext, site: Site, cache: Cache) -> Iterator[str]:
    head = {
        "$schema": permalink("/papers.schema.json", site),
        "version": VERSION,
        "title": site.title,
        "home_page_url": permalink("/", site),
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "papers": '
    yield from _array((_paper_json(paper, site) for paper in context.papers), "}")


def _paper_json(paper: Paper, site: Site) -> str:
    made = {"id": paper.id, "page": permalink(f"/papers/{paper.id}/", site)} | as_json(paper)
    return json.dumps(made, ensure_ascii=False)


def _schema(context: Context, site: Site, cache: Cache) -> Iterator[str]:
    papers = _schema_of(Paper)
    described = {field.name: field.form.replace("`", "") for field in FIELDS}
    described |= {"body": "the curator's note, as Markdown", "id": "the name of the paper's file, and of its page"}
    for name, found in papers["properties"].items():
        found["description"] = described.get(name, name)
    papers["properties"] = {
        "page": {"type": "string", "description": "address of the paper's page"},
        **papers["properties"],
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": permalink(context.url, site),
        "title": f"papers.json, version {VERSION}",
        "type": "object",
        "required": ["version", "title", "papers"],
        "properties": {
            "$schema": {"type": "string"},
            "version": {"const": VERSION},
            "title": {"type": "string"},
            "home_page_url": {"type": "string"},
            "papers": {"type": "array", "items": papers},
        },
    }
    yield json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _schema_of(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of what `as_json` makes of a value of this type."""
    plain = {str: "string", int: "integer", bool: "boolean"}
    if kind in plain:
        return {"type": plain[kind]}
    if kind in (date, PartialDate):
        return {"type": "string", "pattern": r"^[0-9]{4}(-[0-9]{2}){0,2}$"}
    if is_dataclass(kind):
        types = get_type_hints(kind)
        made = {field.name: _schema_of(types[field.name]) for field in fields(kind) if field.name not in PRIVATE}
        required = [name for name in ("id", "title", "name") if name in made]
        return {"type": "object", "required": required, "properties": made, "additionalProperties": False}
    parts = [part for part in get_args(kind) if part not in (type(None), Ellipsis)]
    if get_origin(kind) is tuple:
        return {"type": "array", "items": _schema_of(parts[0])}
    return _schema_of(parts[0]) if parts else {}


def _index_md(context: PapersContext, site: Site, cache: Cache) -> Iterator[str]:
    """Write a paper as Markdown. The note is as the curator wrote it; all else is text, which no reader takes for markup."""
    (paper,) = context.papers
    title = "".join(
        f"${part}$" if is_math and not re.search(r"<[A-Za-z/!?]|\]\(|`", part) else _as_markdown(part)
        for is_math, part in split_math(paper.title)
    )
    title = re.sub(r"(?<![^\s])(#+)$", r"\\\1", title)  # which would close the heading
    lines = [f"# {title}", ""]
    rows = [
        ("Authors", _as_markdown(", ".join(person.name for person in paper.authors))),
        ("Date", paper.date.iso if paper.date else ""),
        ("Venue", _as_markdown(paper.venue.name) if paper.venue else ""),
        ("From", _as_markdown(", ".join(paper.organization))),
        ("Status", paper.status if paper.status != "published" else ""),
        ("Tags", _as_markdown(", ".join(paper.tags))),
        *((link.name, f"<{link.url}>") for link in identifier_links(paper)),
        *((kind, f"<{url}>") for kind, url in paper.links),
        ("On this list", f"<{permalink(f'/papers/{paper.id}/', site)}>"),
    ]
    lines += [f"- {name}: {value}" for name, value in rows if value]
    for heading, text in (("Why it is on the list", paper.body), ("Abstract", paper.abstract)):
        if text.strip():
            lines += ["", f"## {heading}", "", text.strip()]
    yield "\n".join([*lines, ""])


def _llms_txt(context: OverviewContext, site: Site, cache: Cache) -> Iterator[str]:
    """Write the overview (llmstxt.org): the title, what it is, and links to Markdown and data."""
    from site_gen.markup import cut, readable

    yield f"# {_as_markdown(site.title)}\n\n"
    if site.description or site.tagline:
        # What would begin a block of another kind (CommonMark 0.31, 4 and 5) is text, too.
        about = re.sub(r"^([0-9]{0,9})([#>+=|.)-])", r"\1\\\2", _as_markdown(site.description or site.tagline))
        yield f"> {about}\n\n"
    yield "A reading list of papers. Each paper has a page, and the same as Markdown at `index.md` beside it.\n"
    yield "\n## Data\n\n"
    for link in context.data:
        yield f"- [{link.name}]({permalink(link.url, site)})\n"
    if context.tags:
        yield "\n## Tags\n\n"
        for tag in context.tags:
            about = f": {_as_markdown(tag.description)}" if tag.description else ""
            yield f"- [{_as_markdown(tag.name)}]({permalink(tag.url, site)}) ({tag.count}){about}\n"
    shown = "Papers" if len(context.entries) == context.total else f"Newest papers of {context.total}"
    yield f"\n## {shown}\n\n"
    for entry in context.entries:
        about = _as_markdown(readable(cut(entry.summary, 160)))
        item = f"- [{_as_markdown(entry.title_text)}]({permalink(entry.url, site)}index.md)"
        yield f"{item}: {about}\n" if about else f"{item}\n"


def _as_markdown(text: str) -> str:
    """Return one line of text as Markdown that says the same (CommonMark 0.31, 2.4), for readers with HTML and without."""
    return re.sub(r"[\\`*_~<\[\]$]|&(?=#?\w+;)", r"\\\g<0>", text)


WRITERS: dict[str, Write] = {
    "bibtex": _bibtex("bibtex"),
    "biblatex": _bibtex("biblatex"),
    "ris": _ris,
    "csl-json": _csl_json,
    "papers.json": _papers_json,
    "papers.schema.json": _schema,
    "index.md": _index_md,
    "llms.txt": _llms_txt,
    "feed.xml": atom,
    "feed.json": json_feed,
    "feeds.opml": opml,
}
