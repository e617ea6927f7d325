"""All papers, sorted, and grouped into taxonomies of terms.

Here a paper meets the others: tags get their canonical names, terms their addresses, and each paper its `Entry`, which
is all that a list may show of it. Tags, authors, venues, dates and author counts are rows of one table, `TAXONOMIES`.
A term's address depends on its name and, where two names make the same slug, on which of them joined the list first,
so that a paper added on a later day never moves a term; of one day the smaller id is the first, and papers without
`added` are the last. A third of the module is the values and their order, a third problems that only the whole list shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from site_gen.fingerprint import fingerprint
from site_gen.papers import ContentPage, Day, Paper, PartialDate, Person, named, place_of
from site_gen.problems import Location, Problem, nearest, quoted
from site_gen.sources import Source
from site_gen.text import collation, key, plain, slug, with_suffix
from site_gen.vocabulary import Name, Vocabulary


@dataclass(frozen=True, slots=True)
class Link:
    """A name and where it leads; `url` is site-relative or, for another site, absolute; "" leads nowhere."""

    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a list shows of a paper: its fields and its summary, never the body.

    `title` and `summary` are source text (math, Markdown); `title_text` is plain. `authors` are all names in order;
    `author_count` is the number of people, None when it is not known. `fingerprint` is the digest of all the rest.
    """

    id: str
    url: str
    title: str
    title_text: str
    authors: tuple[str, ...]
    author_count: int | None
    date: PartialDate | None
    added: Day | None
    updated: Day | None
    tags: tuple[Link, ...]
    venue: Link | None
    organizations: tuple[Link, ...]
    comments: int | None
    discussion_url: str
    status: str
    superseded_by: Link | None
    featured: bool
    draft: bool
    language: str
    links: tuple[Link, ...]
    summary: str
    has_more: bool
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Term:
    """A group of papers. `slug` is its part of the URL; `former` are old slugs, which redirect here.

    `sort_name` is what an index sorts by. An author below the least number of papers has no page: `url` is "".
    """

    name: str
    slug: str
    url: str
    entries: tuple[Entry, ...]
    sort_name: str = ""
    description: str = ""
    synonyms: tuple[str, ...] = ()
    former: tuple[str, ...] = ()
    orcid: str = ""
    homepage: str = ""


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All terms of one kind, in the order of its index."""

    name: str
    url: str
    terms: tuple[Term, ...]


@dataclass(frozen=True)
class Library:
    """The whole list: papers and their entries by `added`, newest first, and the taxonomies by name."""

    papers: tuple[Paper, ...]
    entries: tuple[Entry, ...]
    taxonomies: Mapping[str, Taxonomy]
    pages: tuple[ContentPage, ...]
    authors: Mapping[str, Term]  # by key of the name; also those without a page


def by_added(paper: Paper | Entry) -> tuple[object, ...]:
    """Sort key for newest additions first: by `added`, then `date`, then id; without one of them last."""
    added = -paper.added.toordinal() if paper.added else 1
    return (added, *_newest(paper.date), paper.id)


def by_date(paper: Paper | Entry) -> tuple[object, ...]:
    """Sort key for newest papers first: a shorter date before its longer ones, undated last, then id."""
    return (*_newest(paper.date), paper.id)


def _newest(when: PartialDate | None) -> tuple[int, ...]:
    if when is None:
        return (1, 0, 0, 0, 0)
    return (-when.year, bool(when.month), -when.month, bool(when.day), -when.day)


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table of taxonomies: which terms a paper belongs to, by name, and how its papers are sorted."""

    name: str
    url: str
    names: Callable[[Paper], Iterable[str]]
    order: Callable[[Paper | Entry], tuple[object, ...]] = by_added
    key: Callable[[str], str] = key
    slug: Callable[[str], str] = slug


def as_it_is(name: str) -> str:
    """Return the name of a term that is its own key and slug, such as 2025/09."""
    return name


def author_count(paper: Paper) -> int | None:
    """Return how many people wrote a paper, None when that is not known."""
    return paper.author_count or len(paper.authors) or None


def _count(paper: Paper) -> Iterable[str]:
    count = author_count(paper)
    return (str(count),) if count else ()


def _years(paper: Paper) -> Iterable[str]:
    return (f"{paper.date.year:04}",) if paper.date else ("undated",)


def _months(paper: Paper) -> Iterable[str]:
    return (f"{paper.date.year:04}/{paper.date.month:02}",) if paper.date and paper.date.month else ()


def _days(paper: Paper) -> Iterable[str]:
    when = paper.date
    return (f"{when.year:04}/{when.month:02}/{when.day:02}",) if when and when.day else ()


def _weeks(paper: Paper) -> Iterable[str]:
    """The ISO 8601 week, under the ISO year; only for dates with a day."""
    if not paper.date or not paper.date.day:
        return ()
    year, week, _ = paper.date.first_day.isocalendar()
    return (f"{year:04}/W{week:02}",)


TAXONOMIES = (
    Kind("tags", "/tags/", lambda paper: paper.tags),
    Kind("authors", "/authors/", lambda paper: (person.name for person in paper.authors)),
    Kind("venues", "/venues/", lambda paper: (paper.venue.series,) if paper.venue else (), by_date),
    Kind("organizations", "/organizations/", lambda paper: paper.organization),
    Kind("curators", "/curators/", lambda paper: (paper.added_by,) if paper.added_by else ()),
    Kind("author-counts", "/author-counts/", _count, by_added, as_it_is, as_it_is),
    Kind("years", "/dates/", _years, by_date, as_it_is, as_it_is),
    Kind("months", "/dates/", _months, by_date, as_it_is, as_it_is),
    Kind("days", "/dates/", _days, by_date, as_it_is, as_it_is),
    Kind("weeks", "/dates/", _weeks, by_date, as_it_is, as_it_is),
)


def collect(
    papers: Sequence[Paper],
    pages: Sequence[ContentPage],
    tags: Vocabulary,
    people: Vocabulary,
    sources: Mapping[str, Source],
    author_page_min_papers: int = 2,
    unlisted: frozenset[str] = frozenset(),
) -> tuple[Library, list[Problem]]:
    """Sort the papers and group them.

    `sources`, by path, are only asked where a problem stands; `unlisted` are the ids of papers with errors, which are
    not reported again where another paper names them, and of drafts.
    """
    problems = [
        *_unknown_tags(papers, tags, sources),
        *_unknown_papers(papers, sources, unlisted),
        *_future_dates(papers, sources),
    ]
    listed = sorted((_canonical(paper, tags, people) for paper in papers), key=by_added)
    grouped = {kind.name: _group(kind, listed) for kind in TAXONOMIES}
    slugs = {kind.name: _slugs(kind, grouped[kind.name]) for kind in TAXONOMIES}
    least = {"authors": author_page_min_papers}

    def url(kind: str, name: str) -> str:
        group = grouped[kind][key(name)]  # only asked for terms that go by name
        return f"{URLS[kind]}{slugs[kind][key(name)]}/" if len(group) >= least.get(kind, 1) else ""

    titles = {paper.id: Link(plain(paper.title), f"/papers/{paper.id}/") for paper in listed}
    entries = {paper.id: _entry(paper, url, titles) for paper in listed}
    taxonomies: dict[str, Taxonomy] = {}
    for kind in TAXONOMIES:
        vocabulary = {"tags": tags, "authors": people}.get(kind.name, Vocabulary())
        terms = [
            _term(kind, name, group, slugs[kind.name][name], entries, vocabulary, least.get(kind.name, 1))
            for name, group in grouped[kind.name].items()
        ]
        named = kind.slug is slug
        terms.sort(key=(lambda term: collation(term.sort_name)) if named else (lambda term: _number(term.slug)))
        taxonomies[kind.name] = Taxonomy(kind.name, kind.url, _with_former(terms, vocabulary))
    library = Library(
        papers=tuple(listed),
        entries=tuple(entries[paper.id] for paper in listed),
        taxonomies=taxonomies,
        pages=tuple(sorted(pages, key=lambda page: (page.order, collation(page.title), page.id))),
        authors={key(term.name): term for term in taxonomies["authors"].terms},
    )
    return library, problems


URLS = {kind.name: kind.url for kind in TAXONOMIES}


def _number(name: str) -> tuple[int, str]:
    return (int(name) if name.isdigit() else 0, name)


def _canonical(paper: Paper, tags: Vocabulary, people: Vocabulary) -> Paper:
    """Return the paper with canonical tags, each once, and authors and editors under their preferred names."""
    chosen = {key(tag): tag for tag in (tags.canonical(tag) for tag in reversed(paper.tags))}
    names = tuple(reversed(chosen.values()))
    authors, editors = paper.authors, paper.editors
    if people.names:
        authors, editors = (tuple(_preferred(person, people) for person in group) for group in (authors, editors))
    if (names, authors, editors) == (paper.tags, paper.authors, paper.editors):
        return paper
    known = fingerprint((paper.fingerprint, names, authors, editors))
    return replace(paper, tags=names, authors=authors, editors=editors, fingerprint=known)


def _preferred(person: Person, people: Vocabulary) -> Person:
    known = people.by_key.get(key(person.name))
    if known is None:
        return person
    # A name that is one unit stays one; another is taken apart as it would be in a paper.
    parts = person if person.name == known.name else named(known.name) if person.family else Person(known.name)
    return replace(
        parts, orcid=person.orcid or known.orcid, url=person.url or known.url, affiliation=person.affiliation
    )


def _group(kind: Kind, papers: Sequence[Paper]) -> dict[str, list[tuple[str, Paper]]]:
    """Return, by key, the papers of each term with the spelling each uses; a paper is in a term once."""
    groups: dict[str, list[tuple[str, Paper]]] = defaultdict(list)
    for paper in papers:
        for name in {kind.key(name): name for name in kind.names(paper)}.items():
            groups[name[0]].append((name[1], paper))
    return groups


def _slugs(kind: Kind, groups: Mapping[str, list[tuple[str, Paper]]]) -> dict[str, str]:
    """Give every key a slug of its own: of those that make the same one, the first to join the list keeps it plain.

    First is the day of `added`, then the id; without `added` last.
    """
    by_slug: dict[str, list[str]] = defaultdict(list)
    for name in groups:
        by_slug[kind.slug(name)].append(name)
    slugs: dict[str, str] = {}
    for made, names in by_slug.items():
        if len(names) > 1:
            names = sorted(names, key=lambda name: (min(_joined(paper) for _, paper in groups[name]), name))
        slugs |= {name: with_suffix(made, name) if position else made for position, name in enumerate(names)}
    return slugs


def _joined(paper: Paper) -> tuple[date, str]:
    return (paper.added or date.max, paper.id)


def _term(
    kind: Kind,
    name: str,
    group: list[tuple[str, Paper]],
    made: str,
    entries: Mapping[str, Entry],
    vocabulary: Vocabulary,
    least: int,
) -> Term:
    # Of several spellings the one that joined first is shown; where the vocabulary has the name, all are spelled alike.
    shown = min(group, key=lambda item: _joined(item[1]))[0]
    known = vocabulary.by_key.get(name, Name(shown))
    sort_name = shown
    if kind.name == "authors":
        sort_name = next(p.sort_name for _, paper in group[:1] for p in paper.authors if key(p.name) == name)
    return Term(
        name=shown,
        slug=made,
        url=f"{kind.url}{made}/" if len(group) >= least else "",
        entries=tuple(entries[paper.id] for paper in sorted((paper for _, paper in group), key=kind.order)),
        sort_name=sort_name,
        description=known.description,
        synonyms=known.synonyms,
        orcid=known.orcid,
        homepage=known.url,
    )


def _with_former(terms: list[Term], vocabulary: Vocabulary) -> tuple[Term, ...]:
    """Give each term the slugs of its synonyms and former names, but for names that are a term now or an earlier one's.

    Where another name has the plain slug, the old one had the slug with a suffix, as in `_slugs`.
    """
    if not vocabulary.names:
        return tuple(terms)
    names, taken = {key(term.name) for term in terms}, {term.slug for term in terms}
    out: list[Term] = []
    for term in terms:
        known = vocabulary.by_key.get(key(term.name), Name(term.name))
        former: list[str] = []
        for old in (*known.synonyms, *known.formerly):
            if key(old) not in names:
                made = slug(old)
                former.append(with_suffix(made, old) if made in taken else made)
                names.add(key(old))
                taken.add(former[-1])
        out.append(replace(term, former=tuple(former)) if former else term)
    return tuple(out)


IDENTIFIERS = (
    ("arxiv", "arXiv", "https://arxiv.org/abs/{}"),
    ("doi", "DOI", "https://doi.org/{}"),
    ("openreview", "OpenReview", "https://openreview.net/forum?id={}"),
    ("acl", "ACL Anthology", "https://aclanthology.org/{}/"),
    ("url", "Paper", "{}"),
)
LINK_NAMES = {"pdf": "PDF"}


def identifier_links(paper: Paper) -> tuple[Link, ...]:
    """Return where a paper can be found by its identifiers; an arXiv-issued DOI adds nothing to the arXiv link."""
    found = []
    for field, name, address in IDENTIFIERS:
        value = getattr(paper, field)
        if not value or (field == "doi" and paper.arxiv and value.lower().startswith("10.48550/arxiv.")):
            continue
        # A DOI may hold characters that end a URL (<, >, #, ?): DOI Handbook, 2.5.2.4.
        safe = value if field == "url" else "".join(c if c.isalnum() or c in "-._~/:()" else _percent(c) for c in value)
        found.append(Link(name, address.format(safe)))
    return tuple(found)


def _percent(char: str) -> str:
    return "".join(f"%{byte:02X}" for byte in char.encode())


def _entry(paper: Paper, url: Callable[[str, str], str], titles: Mapping[str, Link]) -> Entry:
    from site_gen.markup import summary  # with its libraries, which a build of nothing spares

    shown, more = summary(paper.body)
    if not shown:
        shown, more = summary(paper.abstract)
    links = [Link(LINK_NAMES.get(kind, kind.capitalize()), address) for kind, address in paper.links]
    entry = Entry(
        id=paper.id,
        url=f"/papers/{paper.id}/",
        title=paper.title,
        title_text=plain(paper.title),
        authors=tuple(person.name for person in paper.authors),
        author_count=author_count(paper),
        date=paper.date,
        added=paper.added,
        updated=paper.updated,
        tags=tuple(Link(name, url("tags", name)) for name in paper.tags),
        venue=Link(paper.venue.name, url("venues", paper.venue.series)) if paper.venue else None,
        organizations=tuple(Link(name, url("organizations", name)) for name in paper.organization),
        comments=paper.discussion.comments if paper.discussion else None,
        discussion_url=paper.discussion.url if paper.discussion else "",
        status=paper.status,
        superseded_by=titles.get(paper.superseded_by),
        featured=paper.featured,
        draft=paper.draft,
        language=paper.language,
        links=(*identifier_links(paper), *links),
        summary=shown,
        has_more=more,
    )
    return replace(entry, fingerprint=fingerprint(entry))


def _unknown_tags(papers: Sequence[Paper], tags: Vocabulary, sources: Mapping[str, Source]) -> list[Problem]:
    if not tags.exists:
        return []
    known = [name.name for name in tags.names]
    problems = []
    for paper in papers:
        for index, tag in enumerate(paper.tags):
            if key(tag) not in tags.by_key:
                close = nearest(tag, [spelling for name in tags.names for spelling in (name.name, *name.synonyms)])
                meant = tags.canonical(close)
                hint = (
                    f"did you mean  {meant}  ?\nor "
                    if close
                    else f"the tags are {', '.join(known[:40])}\nor "
                    if known
                    else ""
                )
                place = _place(sources, paper, "tags", index)
                message, hint = f"the tag {quoted(tag)} is not in content/tags.yml", f"{hint}add it to content/tags.yml"
                if new := tags.by_former.get(key(tag)):
                    message = f"the tag {quoted(tag)} has another name in content/tags.yml now"
                    hint = f"write  {new.name}"
                problems.append(Problem("unknown-tag", place, message, hint))
    return problems


def _unknown_papers(papers: Sequence[Paper], sources: Mapping[str, Source], unlisted: frozenset[str]) -> list[Problem]:
    ids = {paper.id for paper in papers}
    problems = []
    for paper in papers:
        target = paper.superseded_by
        if target and target not in unlisted and (target not in ids or target == paper.id):
            close = nearest(target, ids - {paper.id})
            hint = (
                f"did you mean  {close}  ?"
                if close
                else "ids are the names of the files in content/papers/, without .md"
            )
            message = f"superseded_by names {quoted(target)}, which is no other paper on the list"
            problems.append(Problem("no-such-paper", _place(sources, paper, "superseded_by"), message, hint))
    return problems


def _future_dates(papers: Sequence[Paper], sources: Mapping[str, Source]) -> list[Problem]:
    """Report dates after the day on which the newest paper was added; the clock of the machine is never asked."""
    newest = max((paper.added for paper in papers if paper.added), default=date.max)
    message = f"this date is later than the newest added on the list, {newest}"
    return [
        Problem("future-date", _place(sources, paper, "date"), message, "look for a typo")
        for paper in papers
        if paper.date and paper.date.first_day > newest
    ]


def _place(sources: Mapping[str, Source], paper: Paper, field: str, index: int | None = None) -> Location:
    source = sources.get(paper.path)
    return place_of(source, field, index) if source else Location(paper.path)
