"""The plan: every URL of the site, each with its template and the complete data that the template sees.

A pure function of library, config and theme assets. What a template shows must be in its context, so all questions to
the whole list are asked here, one function for each kind of page; that is why this module is the longest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import groupby
from unicodedata import normalize
from urllib.parse import quote, urlencode

from site_gen.citations.records import Record, key_problems
from site_gen.config import Config
from site_gen.contexts import (
    Address,
    ArchiveContext,
    Asset,
    Author,
    AuthorCountsContext,
    AuthorsContext,
    Count,
    HomeContext,
    IndexContext,
    Letter,
    Page,
    Pager,
    PaperContext,
    PeriodContext,
    PlainContext,
    Plan,
    ProseContext,
    RedirectContext,
    RobotsContext,
    SearchContext,
    Site,
    SitemapContext,
    TermContext,
    Year,
    count_of,
    output_path,
)
from site_gen.exports import WITH_BIBTEX, export_pages, records_of
from site_gen.feeds import feed_pages, items_of, term_feed
from site_gen.library import Entry, Library, Link, Taxonomy, Term
from site_gen.papers import ContentPage, Paper, PartialDate, Person, place_of
from site_gen.problems import Location, Problem
from site_gen.sources import Sources
from site_gen.text import initial, key, plain

SITEMAP_LENGTH = 50_000  # addresses in one file (sitemaps.org, protocol)
ALL_NAMES = 1000  # up to so many authors are listed on one page, more on a page for each letter

MENU = (
    ("tags", Link("Tags", "/tags/")),
    ("years", Link("Archive", "/dates/")),
    ("authors", Link("Authors", "/authors/")),
    ("venues", Link("Venues", "/venues/")),
    ("organizations", Link("Organizations", "/organizations/")),
    ("curators", Link("Curators", "/curators/")),
    ("author-counts", Link("Author counts", "/author-counts/")),
)


def plan(
    library: Library, config: Config, theme_assets: Sequence[Asset], sources: Sources
) -> tuple[Plan, list[Problem]]:
    """Return every output of the site in the order of their URLs, or problems where two have the same one."""
    items, records = items_of(library, config), records_of(library)
    pages = [*_pages(library, records, items, config), *feed_pages(items, library, config)]
    pages += export_pages(library, records, config)
    redirects, problems = _redirects(library, sources)
    taken = {page.url for page in pages}
    pages += (page for page in redirects if page.url not in taken)
    if config.base_url:
        pages += _sitemap(library, pages)
    pages.append(
        Page(
            "/robots.txt",
            "robots.txt.j2",
            RobotsContext(url="/robots.txt", title="", sitemap="/sitemap.xml" if config.base_url else ""),
            "the site",
        )
    )
    assets = [
        *theme_assets,
        *(Asset("/images/" + s.path.removeprefix("content/images/"), s.path, s.digest) for s in sources.images),
        *(Asset("/" + s.path.removeprefix("static/"), s.path, s.digest) for s in sources.static),
    ]
    pages.sort(key=lambda page: page.url)
    assets.sort(key=lambda asset: asset.url)
    problems += _clashes(pages, assets) + key_problems(library.papers, {item.path: item for item in sources.papers})
    return Plan(site_of(library, config, bool(items)), tuple(pages), tuple(assets)), problems


def site_of(library: Library, config: Config, has_feed: bool) -> Site:
    """Return what every template may show of the site."""
    return Site(
        title=config.title,
        tagline=config.tagline,
        description=config.description,
        base_url=config.base_url,
        base_path=config.base_path,
        language=config.language,
        repository=config.repository,
        license=config.license,
        curators=config.curators,
        menu=tuple(link for name, link in MENU if library.taxonomies[name].terms),
        pages=tuple(Link(page.title, f"/{page.id}/") for page in library.pages),
        has_feed=has_feed,
    )


def _pages(library: Library, records: Mapping[str, Record], items: Container[str], config: Config) -> Iterator[Page]:
    size = config.per_page
    yield from _home(library, config)
    yield from _paper_pages(library, records, config)
    for name in INDEXES:
        taxonomy = library.taxonomies[name]
        for term in taxonomy.terms:
            if term.url:
                yield from _term_pages(taxonomy, term, term_feed(name, term, items), size)
    for name in ("tags", "venues", "organizations", "curators"):
        taxonomy = library.taxonomies[name]
        if taxonomy.terms:
            title = dict(MENU)[name].name
            context = IndexContext(url=taxonomy.url, title=title, kind=name, terms=tuple(map(count_of, taxonomy.terms)))
            yield Page(taxonomy.url, "index.html.j2", context, f"the list of {name}")
    yield from _authors(library)
    yield from _author_counts(library)
    yield from _archive(library)
    for name in ("years", "months", "days", "weeks"):
        yield from _periods(name, library, size)
    yield from _prose(library, config)
    total = len(library.entries)
    yield Page(
        "/search/", "search.html.j2", SearchContext(url="/search/", title="Search", total=total), "the search page"
    )
    missing = PlainContext(url="/404.html", title="Page not found")
    yield Page("/404.html", "404.html.j2", missing, "the page for addresses that do not exist")


def _paginated(url: str, entries: Sequence[Entry], size: int) -> Iterator[tuple[str, tuple[Entry, ...], Pager]]:
    """Cut a list into pages counted from its end, so that a new entry changes the first page and leaves the rest.

    Pages 1, 2, … hold `size` entries each, the oldest on page 1; the list's own page holds the newest, `size` to
    2·`size` − 1 of them.
    """
    further = max(len(entries) // size - 1, 0)
    first = len(entries) - further * size
    older = f"{url}page/{further}/" if further else ""
    yield url, tuple(entries[:first]), Pager(0, "", older)
    for number in range(further, 0, -1):
        start = first + (further - number) * size
        newer = f"{url}page/{number + 1}/" if number < further else url
        older = f"{url}page/{number - 1}/" if number > 1 else ""
        yield f"{url}page/{number}/", tuple(entries[start : start + size]), Pager(number, newer, older)


def _titled(title: str, pager: Pager) -> str:
    return f"{title}, page {pager.number}" if pager.number else title


def _period_count(term: Term) -> Count:
    """Return a month or day as a list inside a longer period names it: September, 29."""
    when, _ = _period(term.slug)
    name = str(when.day) if when.day else MONTHS[when.month - 1]
    return Count(name, term.url, len(term.entries), "", term.slug)


def _week_count(term: Term, year: int) -> Count:
    """Return a week as the page of a year names it: week 40, or week 1 of 2025 where it is another year's by ISO 8601."""
    when, week = _period(term.slug)
    name = f"week {week}" if when.year == year else period_name(when, week)
    return Count(name, term.url, len(term.entries), "", term.slug)


def _calendar_years(week: Term) -> list[int]:
    """Return the years in which the papers of an ISO week appeared: 30 December 2024 is in week 1 of 2025."""
    return sorted({entry.date.year for entry in week.entries if entry.date})


def _week_year(week: Term) -> int:
    """Return the year whose page a week leads up to: its ISO year, or the other one where no paper is of that."""
    years = _calendar_years(week)
    when, _ = _period(week.slug)
    return when.year if when.year in years else years[0]


def _home(library: Library, config: Config) -> Iterator[Page]:
    tags = sorted(library.taxonomies["tags"].terms, key=lambda term: (-len(term.entries), term.slug))[:20]
    years = library.taxonomies["years"].terms
    featured = tuple(Link(entry.title, entry.url) for entry in library.entries if entry.featured)
    for url, entries, pager in _paginated("/", library.entries, config.per_page):
        context = HomeContext(
            url=url,
            title=_titled(config.title, pager),
            description=config.description or config.tagline,
            entries=entries,
            pager=pager,
            # Only the first page has the ways in: they change with every paper.
            total=0 if pager.number else len(library.entries),
            tags=() if pager.number else tuple(count_of(term) for term in sorted(tags, key=lambda term: term.slug)),
            years=() if pager.number else tuple(count_of(term) for term in reversed(years)),
            featured=() if pager.number else featured,
        )
        yield Page(url, "home.html.j2", context, "the home page")


def _paper_pages(library: Library, records: Mapping[str, Record], config: Config) -> Iterator[Page]:
    curators = {key(term.name): term for term in library.taxonomies["curators"].terms}
    papers, entries = library.papers, library.entries
    for number, (paper, entry) in enumerate(zip(papers, entries, strict=True)):
        curator = curators.get(key(paper.added_by)) if paper.added_by else None
        context = PaperContext(
            url=entry.url,
            title=entry.title_text,
            description=_description(entry.summary),
            entry=entry,
            body=paper.body,
            abstract=paper.abstract,
            authors=tuple(_author(person, library) for person in paper.authors),
            editors=tuple(_author(person, library) for person in paper.editors),
            venue=paper.venue,
            periods=_up(paper.date) if paper.date else (Link("undated", "/dates/undated/"),),
            added_by=Link(paper.added_by, curator.url) if curator else None,
            arxiv=paper.arxiv,
            arxiv_version=paper.arxiv_version,
            doi=paper.doi,
            previous=_neighbour(entries, number - 1),
            next=_neighbour(entries, number + 1),
            edit_url=_edit_url(config, paper),
            report_url=_report_url(config, paper),
            extra=paper.extra,
            record=records[paper.id],
        )
        yield Page(entry.url, "paper.html.j2", context, paper.path)


def _prose(library: Library, config: Config) -> Iterator[Page]:
    from site_gen.markup import summary  # with its libraries, which a build of nothing spares

    for page in library.pages:
        url = f"/{page.id}/"
        prose = ProseContext(
            url=url,
            title=page.title,
            description=page.description or _description(summary(page.body)[0]),
            body=page.body,
            edit_url=_edit_url(config, page),
        )
        yield Page(url, "page.html.j2", prose, page.path)


def _neighbour(entries: Sequence[Entry], number: int) -> Link | None:
    if not 0 <= number < len(entries):
        return None
    return Link(entries[number].title, entries[number].url)


def _author(person: Person, library: Library) -> Author:
    term = library.authors.get(key(person.name))
    return Author(person.name, term.url if term else "", person.orcid, person.url, person.affiliation)


def _description(paragraph: str) -> str:
    """Return a paragraph as plain text for search engines: no Markdown, at most about 160 characters."""
    from site_gen.markup import cut, readable  # with their libraries, which a build of nothing spares

    return readable(cut(paragraph, 160))


def _edit_url(config: Config, item: Paper | ContentPage) -> str:
    if not config.repository:
        return ""
    return f"{config.repository}/edit/{quote(config.default_branch)}/{quote(item.path)}"


def _report_url(config: Config, paper: Paper) -> str:
    if not config.repository:
        return ""
    query = urlencode({"title": f"Problem with {paper.id}", "body": f"`{paper.path}`\n\n"})
    return f"{config.repository}/issues/new?{query}"


TERM_TITLES: dict[str, Callable[[str], str]] = {
    "tags": lambda name: f"Papers tagged {name}",
    "authors": lambda name: f"Papers by {name}",
    "venues": lambda name: f"Papers in {name}",
    "organizations": lambda name: f"Papers from {name}",
    "curators": lambda name: f"Papers added by {name}",
    "author-counts": lambda name: "Papers with one author" if name == "1" else f"Papers with {name} authors",
}


def _term_pages(taxonomy: Taxonomy, term: Term, feed: str, size: int) -> Iterator[Page]:
    bibtex = f"{term.url}papers.bib" if taxonomy.name in WITH_BIBTEX else ""
    for url, entries, pager in _paginated(term.url, term.entries, size):
        context = TermContext(
            url=url,
            title=_titled(TERM_TITLES[taxonomy.name](term.name), pager),
            description=term.description,
            kind=taxonomy.name,
            name=term.name,
            entries=entries,
            total=0 if pager.number else len(term.entries),
            pager=pager,
            note=term.description,
            synonyms=term.synonyms,
            orcid=term.orcid,
            homepage=term.homepage,
            feed=feed,
            bibtex=bibtex,
        )
        yield Page(url, "term.html.j2", context, f"{term.name!r} in the list of {taxonomy.name}")


def _authors(library: Library) -> Iterator[Page]:
    terms = library.taxonomies["authors"].terms
    if not terms:
        return
    # An author without a page leads to the one paper, or the first of the few.
    rows = [
        (initial(term.sort_name), Count(term.sort_name, term.url or term.entries[0].url, len(term.entries)))
        for term in terms
    ]
    grouped = defaultdict(list)
    for letter, row in rows:
        grouped[letter].append(row)
    split = len(rows) > ALL_NAMES
    letters = tuple(
        Letter(
            name, f"/authors/letter/{_letter_slug(name)}/" if split else "", len(found), () if split else tuple(found)
        )
        for name, found in sorted(grouped.items(), key=lambda item: (item[0] == "#", item[0]))
    )
    context = AuthorsContext(url="/authors/", title="Authors", letter="", letters=letters, total=len(rows))
    yield Page("/authors/", "authors.html.j2", context, "the list of authors")
    for one in letters if split else ():
        whole = replace(one, authors=tuple(grouped[one.name]))
        title = f"Authors: {one.name}"
        context = AuthorsContext(url=one.url, title=title, letter=one.name, letters=(whole,), total=one.count)
        yield Page(one.url, "authors.html.j2", context, f"the list of authors, {one.name}")


def _letter_slug(letter: str) -> str:
    return "other" if letter == "#" else letter.lower()


def _author_counts(library: Library) -> Iterator[Page]:
    terms = library.taxonomies["author-counts"].terms
    if terms:
        counts = tuple(count_of(term) for term in terms)
        known = sum(row.count for row in counts)
        context = AuthorCountsContext(
            url="/author-counts/",
            title="Author counts",
            counts=counts,
            most=max(row.count for row in counts),
            unknown=len(library.entries) - known,
        )
        yield Page("/author-counts/", "author-counts.html.j2", context, "the list of author counts")


def _archive(library: Library) -> Iterator[Page]:
    years = library.taxonomies["years"].terms
    if not years:
        return
    months = {
        year: tuple(map(_period_count, terms))
        for year, terms in groupby(library.taxonomies["months"].terms, key=lambda term: term.slug[:4])
    }
    dated = [term for term in years if term.slug != "undated"]
    undated = [count_of(term) for term in years if term.slug == "undated"]
    context = ArchiveContext(
        url="/dates/",
        title="Archive",
        years=tuple(Year(t.slug, t.url, len(t.entries), months.get(t.slug, ())) for t in reversed(dated)),
        undated=undated[0] if undated else None,
    )
    yield Page("/dates/", "archive.html.j2", context, "the archive")


def _periods(kind: str, library: Library, size: int) -> Iterator[Page]:
    terms = [term for term in library.taxonomies[kind].terms if term.slug != "undated"]
    finer = {"years": "months", "months": "days"}.get(kind)
    parts: dict[str, list[Count]] = defaultdict(list)
    for term in library.taxonomies[finer].terms if finer else ():
        parts[term.slug.rsplit("/", 1)[0]].append(_period_count(term))
    weeks: dict[str, list[Count]] = defaultdict(list)
    if kind == "years":
        for term in library.taxonomies["weeks"].terms:
            for year in _calendar_years(term):
                weeks[f"{year:04}"].append(_week_count(term, year))
        undated = [term for term in library.taxonomies[kind].terms if term.slug == "undated"]
        for term in undated:
            for url, entries, pager in _paginated(term.url, term.entries, size):
                title = _titled("Papers without a date", pager)
                total = 0 if pager.number else len(term.entries)
                context = PeriodContext(
                    url=url,
                    title=title,
                    date=None,
                    week=0,
                    entries=entries,
                    total=total,
                    pager=pager,
                    parts=(),
                    weeks=(),
                    up=(),
                    previous=None,
                    next=None,
                )
                yield Page(url, "period.html.j2", context, "the archive")
    for number, term in enumerate(terms):
        when, week = _period(term.slug)
        previous = _period_link(terms[number - 1]) if number else None
        following = _period_link(terms[number + 1]) if number + 1 < len(terms) else None
        name = period_name(when, week)
        for url, entries, pager in _paginated(term.url, term.entries, size):
            context = PeriodContext(
                url=url,
                title=_titled(f"Papers of {name}", pager),
                date=when,
                week=week,
                entries=entries,
                total=0 if pager.number else len(term.entries),
                pager=pager,
                parts=() if pager.number else tuple(parts[term.slug]),
                weeks=() if pager.number else tuple(weeks[term.slug]),
                up=_up(when)[:-1] if not week else _up(PartialDate(_week_year(term))),
                previous=previous,
                next=following,
            )
            yield Page(url, "period.html.j2", context, "the archive")


def _period(slug: str) -> tuple[PartialDate, int]:
    """Read the slug of a period, such as 2025/09/29 or 2025/W40, as a date and the number of a week or 0."""
    first, *rest = slug.split("/")
    if rest and rest[0].startswith("W"):
        return PartialDate(int(first)), int(rest[0][1:])
    return PartialDate(*map(int, (first, *rest))), 0


def _period_link(term: Term) -> Link:
    return Link(period_name(*_period(term.slug)), term.url)


@lru_cache(maxsize=10_000)  # thousands of papers share a day
def _up(when: PartialDate) -> tuple[Link, ...]:
    """Return links to the year, month and day of a date, as far as it goes."""
    steps = [PartialDate(when.year), PartialDate(when.year, when.month), when]
    kept = steps[: 1 + bool(when.month) + bool(when.day)]
    return tuple(Link(period_name(step, 0), "/dates/" + step.iso.replace("-", "/") + "/") for step in kept)


MONTHS = "January February March April May June July August September October November December".split()


def period_name(when: PartialDate, week: int = 0) -> str:
    """Return a date in words at its own precision: 29 September 2025, September 2025, 2025; or week 40 of 2025."""
    if week:
        return f"week {week} of {when.year}"
    day = f"{when.day} " if when.day else ""
    month = f"{MONTHS[when.month - 1]} " if when.month else ""
    return f"{day}{month}{when.year}"


def _redirects(library: Library, sources: Sources) -> tuple[list[Page], list[Problem]]:
    """Return the pages at old addresses of papers and terms; an alias that is a paper's id or another's is a problem.

    The ids are those of all files: a draft is not on the list yet, and its address is its own already.
    """
    pages: list[Page] = []
    problems: list[Problem] = []
    by_path = {source.path: source for source in sources.papers}
    owners = {source.stem: source.path for source in sources.papers}
    for paper in sorted(library.papers, key=lambda paper: paper.path):
        for index, alias in enumerate(paper.aliases):
            other = owners.get(alias)
            if other:
                place = place_of(by_path[paper.path], "aliases", index)
                message, hint = f"the old address {alias} belongs to {other}", "take it out here, or there"
                if alias in paper.aliases[:index]:
                    message, hint = f"the old address {alias} is given twice", "keep one of the two"
                problems.append(Problem("alias-conflict", place, message, hint))
                continue
            owners[alias] = paper.path
            target = f"/papers/{paper.id}/"
            context = RedirectContext(url=f"/papers/{alias}/", title=plain(paper.title), target=target)
            pages.append(Page(context.url, "redirect.html.j2", context, paper.path))
    for taxonomy in library.taxonomies.values():
        for term in taxonomy.terms:
            for old in term.former if term.url else ():
                context = RedirectContext(url=f"{taxonomy.url}{old}/", title=term.name, target=term.url)
                pages.append(
                    Page(context.url, "redirect.html.j2", context, f"{term.name!r} in the list of {taxonomy.name}")
                )
    return pages, problems


def _sitemap(library: Library, pages: Iterable[Page]) -> Iterator[Page]:
    changed = {entry.url: entry.updated or entry.added for entry in library.entries}
    shown = sorted(
        page.url
        for page in pages
        if page.url.endswith("/") and not isinstance(page.context, RedirectContext | SearchContext)
    )
    addresses = [Address(url, changed.get(url)) for url in shown]
    chunks = [tuple(addresses[n : n + SITEMAP_LENGTH]) for n in range(0, len(addresses), SITEMAP_LENGTH)]
    parts = tuple(f"/sitemap-{number}.xml" for number in range(1, len(chunks) + 1)) if len(chunks) > 1 else ()
    for url, chunk in zip(parts, chunks, strict=False):
        yield Page(url, "sitemap.xml.j2", SitemapContext(url=url, title="", addresses=chunk), "the sitemap")
    first = () if parts else chunks[0]
    context = SitemapContext(url="/sitemap.xml", title="", addresses=first, parts=parts)
    yield Page("/sitemap.xml", "sitemap.xml.j2", context, "the sitemap")


OWN = (("pagefind", "the search index"), (".reading-room.json", "the record of the build"))
INDEXES = ("tags", "authors", "venues", "organizations", "curators", "author-counts")


def _clashes(pages: Sequence[Page], assets: Sequence[Asset]) -> list[Problem]:
    """Report outputs that would be the same file, or a file where a folder is needed, on some file system.

    Compared in Unicode normal form and without case. Each address is one problem that names every source; the files
    beside a page go with the page.
    """
    origins: dict[str, list[str]] = defaultdict(list)
    shown: dict[str, str] = {}
    outputs = [(output_path(page.url), page.source) for page in pages]
    outputs += [
        (output_path(asset.url), asset.path if not asset.root else f"the theme's {asset.path}") for asset in assets
    ]
    # The address of an index is kept free for it while the list has none of its terms.
    kept = [(f"{name}/index.html", f"the list of {name.replace('-', ' ')}") for name in INDEXES]
    folders: dict[str, str] = {}
    for path, source in (*outputs, *(own for own in kept if own not in outputs), *OWN):
        name = path.lower() if path.isascii() else normalize("NFC", normalize("NFC", path).casefold())
        origins[name].append(source)
        shown.setdefault(name, path)
        parent = name.rpartition("/")[0]
        while parent and parent not in folders:  # when it is there, so are those above it
            folders[parent] = source
            parent = parent.rpartition("/")[0]
    problems = []
    reported: set[tuple[str, ...]] = set()
    suspects = [name for name, found in origins.items() if len(found) > 1 or name in folders]
    for name in sorted(suspects, key=lambda name: (not name.endswith("index.html"), name)):
        found = sorted(set(origins[name]))
        if len(origins[name]) > 1 and len(found) == 1:
            found = found * len(origins[name])
        if (name in folders and name != "pagefind") or (name == "pagefind" and folders.get(name)):
            found = sorted({*found, folders[name]})
        if len(found) > 1 and (name.rpartition("/")[0], *found) not in reported:
            reported.add((name.rpartition("/")[0], *found))
            first, *others = found
            message = f"/{shown[name]} would be written by {' and by '.join([first, *others])}"
            problems.append(Problem("clash", Location(first), message, "rename one of them"))
    return problems
