"""What does each template see? The contexts of all pages, and what a plan is made of.

The classes are the theme author's reference: `site` is a `Site`, `page` is the context named beside the template in
`docs/themes.md`, which a test compares with them field by field; what the writers of `exports` get is here, too. They
hold plain data only, or they could not be fingerprinted; `pages` fills them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from site_gen.citations.records import Record
from site_gen.library import Entry, Link, Term
from site_gen.papers import Paper, PartialDate, Venue


@dataclass(frozen=True, slots=True)
class Count:
    """A term as an index shows it. `description` and `slug` may be ""."""

    name: str
    url: str
    count: int
    description: str = ""
    slug: str = ""


def count_of(term: Term) -> Count:
    """Return a term as an index shows it."""
    return Count(term.name, term.url, len(term.entries), term.description, term.slug)


@dataclass(frozen=True, slots=True)
class Site:
    """What every template may show of the site. `base_path` starts and ends with a slash; `base_url` may be ""."""

    title: str
    tagline: str
    description: str
    base_url: str
    base_path: str
    language: str
    repository: str
    license: str
    curators: tuple[str, ...]
    menu: tuple[Link, ...]  # the lists that have something in them
    pages: tuple[Link, ...]  # the pages of content/pages/
    has_feed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What every page has: its site-relative `url`, its plain-text `title`, and a `description` for search engines."""

    url: str
    title: str
    description: str = ""


@dataclass(frozen=True, slots=True)
class Pager:
    """Where the neighbours of a page of a list are. `number` counts from the oldest page; 0 is the list's own page."""

    number: int = 0
    newer: str = ""
    older: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeContext(Context):
    """The newest additions, and ways into the list; `total` and the counts are of the whole list."""

    entries: tuple[Entry, ...]
    pager: Pager
    total: int
    tags: tuple[Count, ...]
    years: tuple[Count, ...]
    featured: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """A person on a paper's page; `url` is the person's page on this site, or ""."""

    name: str
    url: str = ""
    orcid: str = ""
    homepage: str = ""
    affiliation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperContext(Context):
    """One paper. `body` and `abstract` are Markdown; `previous` and `next` are its neighbours, newer and older, by `added`.

    `edit_url` and `report_url` are "" where there is no repository; `extra` is nested pairs (`page.extra | get("key")`).
    """

    entry: Entry
    body: str
    abstract: str
    authors: tuple[Author, ...]
    editors: tuple[Author, ...]
    venue: Venue | None
    periods: tuple[Link, ...]  # the year, month and day of its date, as far as it is known
    added_by: Link | None
    arxiv: str
    arxiv_version: str
    doi: str
    previous: Link | None
    next: Link | None
    edit_url: str
    report_url: str
    extra: tuple[Any, ...]
    record: Record  # what is cited of it


@dataclass(frozen=True, slots=True, kw_only=True)
class TermContext(Context):
    """The papers of a tag, author, venue, organization, curator or author count; `kind` is its taxonomy's name.

    `feed` and `bibtex` are the URLs of its Atom feed and of its papers as BibTeX, "" where there is none.
    """

    kind: str
    name: str
    entries: tuple[Entry, ...]
    total: int
    pager: Pager
    note: str = ""
    synonyms: tuple[str, ...] = ()
    orcid: str = ""
    homepage: str = ""
    feed: str = ""
    bibtex: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodContext(Context):
    """The papers of a year, month, day or ISO week, or those without a date (`date` is None).

    `week` is the number of the ISO week, 0 for other periods; `parts` are the periods in it that have papers.
    """

    date: PartialDate | None
    week: int
    entries: tuple[Entry, ...]
    total: int
    pager: Pager
    parts: tuple[Count, ...]
    weeks: tuple[Count, ...]
    up: tuple[Link, ...]
    previous: Link | None
    next: Link | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexContext(Context):
    """All terms of a taxonomy, in the order of the alphabet."""

    kind: str
    terms: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """The authors whose family names start with a letter; `url` is "" when they are on the same page."""

    name: str
    url: str
    count: int
    authors: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorsContext(Context):
    """The index of people. A long one has a page for each letter: then `letter` is the one shown, "" on the first page."""

    letter: str
    letters: tuple[Letter, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Year:
    """A year of the archive, with the months that have papers."""

    name: str
    url: str
    count: int
    months: tuple[Count, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveContext(Context):
    """All years, newest first; `undated` counts the papers without a date."""

    years: tuple[Year, ...]
    undated: Count | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorCountsContext(Context):
    """How many papers have how many authors, fewest authors first; `most` is the largest count. `unknown` is counted too."""

    counts: tuple[Count, ...]
    most: int
    unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchContext(Context):
    """The search page; `total` is the number of papers that can be found."""

    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProseContext(Context):
    """A page of content/pages/; `body` is Markdown."""

    body: str
    edit_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainContext(Context):
    """A page with nothing but its frame, such as the one for addresses that do not exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RedirectContext(Context):
    """An old address; `target` is the site-relative URL it leads to."""

    target: str


@dataclass(frozen=True, slots=True)
class FeedItem:
    """A paper in a feed: its permanent `id`, the day of its last change, its entry, and its whole note as Markdown."""

    id: str
    updated: date
    entry: Entry
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedContext(Context):
    """A feed; `id` is permanent, `updated` the day of the newest change in it, `home` the page that it belongs to.

    `current` is the document that subscribers read, `older` and `newer` are the archives beside this document, and
    `oldest` is the last of them, each "" where there is none (RFC 5005, 3 and 4).
    """

    id: str
    updated: date
    items: tuple[FeedItem, ...]
    home: str
    current: str
    older: str = ""
    newer: str = ""
    oldest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutlineContext(Context):
    """All feeds of the site, for programs that subscribe to many: each a name and the URL, by taxonomy."""

    groups: tuple[tuple[str, tuple[Link, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationsContext(Context):
    """Citations in one file, in the order of the list. `notes` are the curators' notes beside them, or () for none."""

    records: tuple[Record, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PapersContext(Context):
    """Papers with all their fields, for programs."""

    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewContext(Context):
    """What the list holds, for a language model: the newest papers of `total`, the tags, and where the data is."""

    entries: tuple[Entry, ...]
    total: int
    tags: tuple[Count, ...]
    data: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Address:
    """A line of a sitemap; `changed` is None when it is not known."""

    url: str
    changed: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SitemapContext(Context):
    """Addresses for search engines; of more than 50,000 `parts` are the files that hold them."""

    addresses: tuple[Address, ...]
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsContext(Context):
    """What crawlers may read: everything; `sitemap` is its site-relative URL, or ""."""

    sitemap: str


@dataclass(frozen=True, slots=True)
class Page:
    """An output that is made: by a template of the theme, or by the writer of `exports` that `template` names.

    `source` says in words where it comes from, for messages; no template sees it.
    """

    url: str
    template: str
    context: Context
    source: str = ""


@dataclass(frozen=True, slots=True)
class Asset:
    """An output that is copied: from `path`, a file relative to `root` ("theme:N" is the theme's Nth folder, "" the site)."""

    url: str
    path: str
    digest: str
    root: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """All outputs, and the part of the config that templates see."""

    site: Site
    pages: tuple[Page, ...]
    assets: tuple[Asset, ...]

    @property
    def html_pages(self) -> int:
        """How many of the pages a browser shows, and are not for programs."""
        return sum(page.url.endswith(("/", ".html")) for page in self.pages)


def output_path(url: str) -> str:
    """Return the path below the output folder of a site-relative URL."""
    return url[1:] + "index.html" if url.endswith("/") else url[1:]


def resolved(url: str, base: str) -> str:
    """Return a site-relative URL below `base`, percent-encoded (RFC 3986); an absolute one as it is."""
    if not url.startswith("/"):
        return url
    return base + (url[1:] if _IS_SAFE(url) else quote(url[1:], safe="/-._~?=&#"))


_IS_SAFE = re.compile(r"[A-Za-z0-9/._~?=&#-]*").fullmatch


def permalink(url: str, site: Site) -> str:
    """Return the absolute address of a site-relative URL; below the base path alone where no address is known."""
    return resolved(url, site.base_url or site.base_path)
