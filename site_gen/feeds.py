"""Which feeds has the site, and what do their bytes say? Atom (RFC 4287) for the list and its terms, JSON Feed, and OPML.

The list's own feed reaches back to its first paper (RFC 5005, 4, archived feeds): archives are cut from the oldest
addition, so that a new paper leaves them as they are. Ids are made of the site's and the paper's own, and days come from
papers, never from the clock. `pages` plans these outputs, `exports` writes them by the functions of this module.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, MutableMapping, Sequence
from dataclasses import replace
from datetime import date
from heapq import nsmallest
from html import escape

from site_gen.config import Config
from site_gen.contexts import FeedContext, FeedItem, OutlineContext, Page, Site, permalink, resolved
from site_gen.library import Entry, Library, Link, Term
from site_gen.papers import Paper

LENGTH = 30  # papers in a feed's own document, and at most in an archive
MAX_NOTE = 8_000  # characters of a note as escaped HTML; of a longer one there is the summary
MAX_SIZE = 450_000  # bytes of an archive, and of what changed last, by an estimate that is never too low
AUTHOR_MIN = 5  # papers of an author who has a feed
WITH_FEED = ("tags", "venues", "authors")
MARKED = ("withdrawn", "retracted", "superseded")
ATOM = "application/atom+xml"
Cache = MutableMapping[tuple[str, str], bytes]  # what many outputs of one build share: (form, id) to UTF-8


def _changed(paper: Paper) -> date | None:
    """Return the day of a paper's last change: `updated`, else `added`, else the first day of its date."""
    return paper.updated or paper.added or (paper.date.first_day if paper.date else None)


def items_of(library: Library, config: Config) -> dict[str, FeedItem]:
    """Return by paper id, in the order of the list, what feeds say of each paper; papers without any date are left out.

    Empty where there is nothing to make permanent ids of.
    """
    items: dict[str, FeedItem] = {}
    for paper, entry in zip(library.papers, library.entries, strict=True) if config.id or config.base_url else ():
        day = _changed(paper)
        if day:
            items[paper.id] = FeedItem(_id(config, paper.id, entry.url), day, entry, paper.body)
    return items


def _id(config: Config, name: str, url: str) -> str:
    """Return the permanent id of what has a name on this list: made of the site's id, else of its address."""
    return f"{config.id}:{name}" if config.id else f"{config.base_url}{url[1:]}"


def _size(item: FeedItem) -> int:
    """Return how many bytes an item has at most: escaping makes six of a quotation mark, UTF-8 four of a character.

    Of an item without a note JSON Feed has the title, or the summary, twice.
    """
    entry = item.entry
    texts = [entry.title_text, entry.summary, *entry.authors]
    texts += [text for link in (*entry.links, *entry.tags) for text in (link.name, link.url)]
    twice = max(len(entry.title_text), len(entry.summary))
    return MAX_NOTE + 1000 + 2 * twice + 6 * sum(map(len, texts)) + 60 * len(texts)


def feed_pages(items: dict[str, FeedItem], library: Library, config: Config) -> Iterator[Page]:
    """Plan the feeds of the list and of its terms, and the outline of them all."""
    if not items:
        return
    yield from _list_feed(tuple(items.values()), config)
    groups: list[tuple[str, tuple[Link, ...]]] = [("", (Link(config.title, "/feed.xml"),))]
    for name in WITH_FEED:
        taxonomy = library.taxonomies[name]
        links = []
        for term in taxonomy.terms:
            url = term_feed(name, term, items)
            if url:
                context = _context(
                    _newest([items[entry.id] for entry in term.entries if entry.id in items]),
                    url=url,
                    title=f"{config.title}: {term.name}",
                    id=_id(config, term.url.strip("/"), term.url),
                    home=term.url,
                    current=url,
                )
                for address in (url, *(f"{taxonomy.url}{old}/feed.xml" for old in term.former)):  # old subscriptions
                    yield Page(address, "feed.xml", context, f"the feed of {term.name!r} in the list of {name}")
                links.append(Link(term.name, url))
        if links:
            groups.append((name.capitalize(), tuple(links)))
    outline = OutlineContext(url="/feeds.opml", title=config.title, groups=tuple(groups))
    yield Page("/feeds.opml", "feeds.opml", outline, "the list of feeds")


def term_feed(taxonomy: str, term: Term, items: Container[str]) -> str:
    """Return the URL of a term's feed; "" where it has none, as an author of few papers, or one of no paper in `items`."""
    least = AUTHOR_MIN if taxonomy == "authors" else 1
    has = taxonomy in WITH_FEED and term.url and len(term.entries) >= least
    return f"{term.url}feed.xml" if has and any(entry.id in items for entry in term.entries) else ""


def _newest(items: Sequence[FeedItem]) -> tuple[FeedItem, ...]:
    """Return the items that changed last, in the order in which they came."""
    numbered = [(-item.updated.toordinal(), number) for number, item in enumerate(items)]
    chosen: list[int] = []
    size = 0
    for _, number in nsmallest(LENGTH, numbered):
        size += _size(items[number])
        if size > MAX_SIZE and chosen:
            break
        chosen.append(number)
    return tuple(items[number] for number in sorted(chosen))


def _context(items: tuple[FeedItem, ...], **fields: str) -> FeedContext:
    return FeedContext(items=items, updated=max(item.updated for item in items), **fields)


def _list_feed(items: tuple[FeedItem, ...], config: Config) -> Iterator[Page]:
    """Plan the list's feed: what changed last and all that is in no archive yet, and the archives behind it."""
    archives = _archives(items)
    kept = items[: len(items) - sum(map(len, archives))]
    last = {item.id for item in (*kept, *_newest(items))}
    current = tuple(item for item in items if item.id in last)
    urls = [f"/feed/{number}.xml" for number in range(1, len(archives) + 1)]
    own = {"title": config.title, "id": config.id or config.base_url, "home": "/", "current": "/feed.xml"}
    around = ["", *urls, ""]
    own["oldest"] = around[1]
    first = _context(current, url="/feed.xml", older=around[-2], **own)
    yield Page("/feed.xml", "feed.xml", first, "the feed")
    yield Page("/feed.json", "feed.json", replace(first, url="/feed.json"), "the feed")
    for number, archive in enumerate(archives):
        older, url, newer = around[number : number + 3]
        context = _context(archive, url=url, older=older, newer=newer, **own)
        yield Page(url, "feed.xml", context, "an archive of the feed")


def _archives(items: Sequence[FeedItem]) -> list[tuple[FeedItem, ...]]:
    """Cut the items into archives, the oldest first; what would not fill one, the newest, is in none.

    An archive is full with `LENGTH` items, or when the next one would make it too large.
    """
    archives: list[tuple[FeedItem, ...]] = []
    archive: list[FeedItem] = []
    size = 0
    for item in reversed(items):
        if len(archive) == LENGTH or (archive and size + _size(item) > MAX_SIZE):
            archives.append(tuple(reversed(archive)))
            archive, size = [], 0
        archive.append(item)
        size += _size(item)
    return archives


def _title(entry: Entry) -> str:
    return f"[{entry.status.capitalize()}] {entry.title_text}" if entry.status in MARKED else entry.title_text


def _time(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def _note(item: FeedItem, site: Site) -> str:
    """Return a paper's note as HTML; "" when there is none, and when it is too long for a feed."""
    from site_gen.markup import markdown

    if not item.body or len(item.body) > MAX_NOTE:
        return ""
    html = markdown(item.body, site.base_url or site.base_path, 3)
    return html if len(escape(html).encode()) <= MAX_NOTE else ""


def _atom_entry(item: FeedItem, site: Site) -> str:
    from site_gen.markup import readable

    entry = item.entry
    parts = [
        f"<id>{escape(item.id)}</id>",
        f"<title>{escape(_title(entry))}</title>",
        f"<updated>{_time(item.updated)}</updated>",
    ]
    if entry.added:
        parts.append(f"<published>{_time(entry.added)}</published>")
    parts += [f"<author><name>{escape(name)}</name></author>" for name in entry.authors]
    parts.append(f'<link rel="alternate" type="text/html" href="{escape(permalink(entry.url, site))}"/>')
    parts += [f'<link rel="related" title="{escape(link.name)}" href="{escape(link.url)}"/>' for link in entry.links]
    parts += [f'<category term="{escape(tag.name)}"/>' for tag in entry.tags]
    if entry.summary:
        parts.append(f"<summary>{escape(readable(entry.summary))}</summary>")
    if note := _note(item, site):
        parts.append(f'<content type="html">{escape(note)}</content>')
    language = f' xml:lang="{escape(entry.language)}"' if entry.language else ""
    return "\n".join([f"<entry{language}>", *parts, "</entry>\n"])


def atom(context: FeedContext, site: Site, cache: Cache) -> Iterator[str]:
    """Write an Atom feed document (RFC 4287); an archive of one where it is not the current document (RFC 5005, 4)."""
    style = resolved("/assets/feed.css", site.base_path)
    archive = context.url != context.current
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<?xml-stylesheet type="text/css" href="{escape(style)}"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:fh="http://purl.org/syndication/history/1.0"'
        f' xml:lang="{escape(site.language)}">',
        f"<id>{escape(context.id)}</id>",
        f"<title>{escape(context.title)}</title>",
    ]
    if archive:
        head.append("<fh:archive/>")
    if site.tagline:
        head.append(f"<subtitle>{escape(site.tagline)}</subtitle>")
    head.append(f"<updated>{_time(context.updated)}</updated>")
    head.append(f"<author><name>{escape(', '.join(site.curators) or site.title)}</name></author>")
    links = [("self", context.url), ("current" if archive else "", context.current)]
    if context.oldest:  # as pages (RFC 5005, 3), and as archives, which are complete
        links += [("first", context.current), ("last", context.oldest)]
        links += [("next", context.older), ("prev-archive", context.older)]
        links += [("previous", context.newer or (context.current if archive else "")), ("next-archive", context.newer)]
    head += [
        f'<link rel="{rel}" type="{ATOM}" href="{escape(permalink(url, site))}"/>' for rel, url in links if rel and url
    ]
    head.append(f'<link rel="alternate" type="text/html" href="{escape(permalink(context.home, site))}"/>')
    head.append("<generator>Reading Room</generator>\n")
    yield "\n".join(head)
    for item in context.items:
        yield _atom_entry(item, site)
    yield "</feed>\n"


def json_feed(context: FeedContext, site: Site, cache: Cache) -> Iterator[str]:
    """Write a JSON Feed (version 1.1, jsonfeed.org/version/1.1)."""
    from site_gen.markup import readable

    items = []
    for item in context.items:
        entry, note = item.entry, _note(item, site)
        made = {
            "id": item.id,
            "url": permalink(entry.url, site),
            "external_url": entry.links[0].url if entry.links else "",
            "title": _title(entry),
            "content_html": note,
            "content_text": "" if note else readable(entry.summary) or _title(entry),
            "summary": readable(entry.summary),
            "date_published": _time(entry.added) if entry.added else "",
            "date_modified": _time(item.updated),
            "authors": [{"name": name} for name in entry.authors],
            "tags": [tag.name for tag in entry.tags],
            "language": entry.language,
        }
        items.append({name: value for name, value in made.items() if value})
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": context.title,
        "home_page_url": permalink(context.home, site) if site.base_url else "",
        "feed_url": permalink(context.url, site) if site.base_url else "",
        "description": site.tagline,
        "language": site.language,
        "authors": [{"name": name} for name in site.curators],
        "items": items,
    }
    yield json.dumps({name: value for name, value in feed.items() if value}, ensure_ascii=False, indent=1) + "\n"


def opml(context: OutlineContext, site: Site, cache: Cache) -> Iterator[str]:
    """Write the outline of all feeds (OPML 2.0, opml.org/spec2.opml, subscription lists)."""
    yield '<?xml version="1.0" encoding="utf-8"?>\n<opml version="2.0">\n<head>\n'
    yield f"<title>{escape(context.title)}</title>\n</head>\n<body>\n"
    for name, links in context.groups:
        if name:
            yield f'<outline text="{escape(name)}">\n'
        for link in links:
            address, title = escape(permalink(link.url, site)), escape(link.name)
            home = escape(permalink(link.url.removesuffix("feed.xml"), site))
            yield f'<outline type="rss" text="{title}" title="{title}" xmlUrl="{address}" htmlUrl="{home}"/>\n'
        if name:
            yield "</outline>\n"
    yield "</body>\n</opml>\n"
