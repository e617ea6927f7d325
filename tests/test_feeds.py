"""Do programs that read feeds get all that a paper's entry says? Atom through feedparser, JSON Feed by its own rules, OPML."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_gen.contexts import FeedContext, FeedItem
from site_gen.contexts import Site as Shown
from site_gen.feeds import MAX_SIZE, atom, json_feed
from site_gen.library import Entry, Link
from tests import six_papers
from tests.sites import CONFIG, Site, paper

ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
FULL = paper(
    "On $x^2$ & <b>bold</b>",
    "A *note* with [a link](/about/) & more.\n\nAnd a second paragraph.",
    authors=["Ada Lovelace", {"name": "李 明"}],
    date="2023-05",
    added="2024-02-03",
    updated="2024-03-04",
    tags=["C++", "R&D"],
    venue="Proc. of A & B",
    arxiv="2305.00001",
    doi="10.1000/a<b>&c",
    links={"code": "https://code.example/?a=1&b=2"},
    status="retracted",
    language="fr",
)


@pytest.fixture
def full(site: Callable[..., Site]) -> Site:
    """Return a built site with one paper that has everything a feed shows, and one that has nothing but a title."""
    made = site({"content/papers/full.md": FULL, "content/papers/bare.md": paper("Bare", "", added="2024-01-01")})
    done = made.build()
    assert done.ok, done.problems
    return made


def test_feedparser_gives_back_every_field(full: Site) -> None:
    read = feedparser.parse((full.output / "feed.xml").read_bytes())
    assert not read.bozo
    assert (read.feed.title, read.feed.id) == ("A list", "tag:list.example,2024:list")
    assert read.feed.updated == "2024-03-04T00:00:00Z"
    assert {link.rel: link.href for link in read.feed.links} == {
        "self": "https://list.example/feed.xml",
        "alternate": "https://list.example/",
    }
    entry, bare = read.entries
    assert entry.id == "tag:list.example,2024:list:full"
    assert entry.title == "[Retracted] On x^2 &amp; &lt;b&gt;bold&lt;/b&gt;" or entry.title.startswith(
        "[Retracted] On x"
    )
    assert [author.name for author in entry.authors] == ["Ada Lovelace", "李 明"]
    assert (entry.published, entry.updated) == ("2024-02-03T00:00:00Z", "2024-03-04T00:00:00Z")
    assert [tag.term for tag in entry.tags] == ["C++", "R&D"]
    assert entry.link == "https://list.example/papers/full/"
    related = {link.title: link.href for link in entry.links if link.rel == "related"}
    assert related == {
        "arXiv": "https://arxiv.org/abs/2305.00001",
        "DOI": "https://doi.org/10.1000/a%3Cb%3E%26c",
        "Code": "https://code.example/?a=1&b=2",
    }
    (content,) = entry.content
    assert content.language == "fr"
    assert '<a href="https://list.example/about/">a link</a>' in content.value
    assert "<p>And a second paragraph.</p>" in content.value
    assert entry.summary == "A note with a link & more."
    assert "content" not in bare and "summary" not in bare and bare.title == "Bare"


def test_the_json_feed_says_the_same_by_the_rules_of_version_1_1(full: Site) -> None:
    """Required: version, title, items; in each item id, and one of content_html and content_text (jsonfeed.org)."""
    feed = json.loads(full.text("feed.json"))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert (feed["title"], feed["home_page_url"]) == ("A list", "https://list.example/")
    assert feed["feed_url"] == "https://list.example/feed.json"
    item, bare = feed["items"]
    assert item.pop("content_html").startswith("<p>A <em>note</em> with ")
    assert item == {
        "id": "tag:list.example,2024:list:full",
        "title": "[Retracted] On x^2 & <b>bold</b>",
        "url": "https://list.example/papers/full/",
        "external_url": "https://arxiv.org/abs/2305.00001",
        "summary": "A note with a link & more.",
        "date_published": "2024-02-03T00:00:00Z",
        "date_modified": "2024-03-04T00:00:00Z",
        "authors": [{"name": "Ada Lovelace"}, {"name": "李 明"}],
        "tags": ["C++", "R&D"],
        "language": "fr",
    }
    assert bare["content_text"] == bare["title"] == "Bare"


def test_the_outline_lists_the_feeds_of_the_list_its_tags_and_its_venues(full: Site) -> None:
    outline = ET.fromstring(full.text("feeds.opml"))
    assert outline.get("version") == "2.0"
    found = {one.get("text"): one.get("xmlUrl") for one in outline.iter("outline") if one.get("xmlUrl")}
    assert found == {
        "A list": "https://list.example/feed.xml",
        "C++": "https://list.example/tags/c-plus-plus/feed.xml",
        "R&D": "https://list.example/tags/r-and-d/feed.xml",
        "Proc. of A & B": "https://list.example/venues/proc-of-a-and-b/feed.xml",
    }
    for url in found.values():
        assert url and feedparser.parse((full.output / url.removeprefix("https://list.example/")).read_bytes()).entries


def test_each_page_names_the_feed_that_belongs_to_it(full: Site) -> None:
    assert 'href="/feed.xml"' in full.text("index.html")
    assert 'type="application/feed+json" title="A list" href="/feed.json"' in full.text("index.html")
    named = '<link rel="alternate" type="application/atom+xml" title="A list: R&amp;D" href="/tags/r-and-d/feed.xml">'
    assert named in full.text("tags/r-and-d/index.html")


def ids(site: Site) -> dict[str, list[str]]:
    """Return the ids of each feed and of its entries, and when each was updated."""
    found = {}
    for path, data in site.files().items():
        if path.endswith("feed.xml") or path.startswith("feed/"):
            root = ET.fromstring(data)
            found[path] = [root.findtext(f"{ATOM}id") or ""] + [
                f"{entry.findtext(f'{ATOM}id')} {entry.findtext(f'{ATOM}updated')}"
                for entry in root.iter(f"{ATOM}entry")
            ]
    return found


def test_a_new_address_of_the_site_changes_no_id(full: Site) -> None:
    before = ids(full)
    full.write("site.yml", CONFIG.replace("https://list.example/", "https://elsewhere.example/papers/"))
    assert full.build().ok
    assert ids(full) == before
    assert "https://elsewhere.example/papers/papers/full/" in full.text("feed.xml")
    json_ids = [item["id"] for item in json.loads(full.text("feed.json"))["items"]]
    assert json_ids == ["tag:list.example,2024:list:full", "tag:list.example,2024:list:bare"]


def test_a_new_paper_changes_no_id_and_no_day_of_another_entry(full: Site) -> None:
    before = ids(full)
    full.write("content/papers/new.md", paper("New", added="2024-06-01", tags=["C++"], venue="Proc. of A & B"))
    assert full.build().ok
    after = ids(full)
    assert {path: [line for line in lines if ":new " not in line] for path, lines in after.items()} == before


def test_archives_lead_from_the_newest_to_the_first_paper_and_back(site: Callable[..., Site]) -> None:
    days = [date(2024, 1, 1) + timedelta(number) for number in range(95)]
    made = site({f"content/papers/p{n:02}.md": paper(f"P{n}", added=day) for n, day in enumerate(days)})
    assert made.build().ok
    path, seen, steps = "feed.xml", set(), []
    while path:
        root = ET.fromstring(made.text(path))
        links = {
            link.get("rel"): link.get("href", "").removeprefix("https://list.example/")
            for link in root.iter(f"{ATOM}link")
        }
        assert links["self"] == path
        assert (root.find(f"{HISTORY}archive") is None) == (path == "feed.xml"), "RFC 5005, 4"
        if path != "feed.xml":
            assert links["current"] == "feed.xml" and links["previous"]
        assert (links["first"], links["last"]) == ("feed.xml", "feed/1.xml")
        seen |= {entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")}
        steps.append(path)
        assert links.get("next") == links.get("prev-archive")
        path = links.get("prev-archive", "")
    assert steps == ["feed.xml", "feed/3.xml", "feed/2.xml", "feed/1.xml"]
    assert len(seen) == 95


BODIES = ("$x^{x^x}$ " * 800, '"<&>' * 1500, "> " * 900 + "x\n" * 400, "|a" * 900 + "|\n" + "|-" * 900, "Short.")


def test_no_document_of_a_feed_is_above_a_megabyte(site: Callable[..., Site]) -> None:
    config = CONFIG + "author_page_min_papers: 1000\n"
    names = [f"A{n}" for n in range(1500)]
    files = {
        f"content/papers/p{n:02}.md": paper(f'"{n}"' * 50, BODIES[n % 5], authors=names, tags=["t"]) for n in range(32)
    }
    made = site({"site.yml": config, **files})
    assert made.build().ok
    sizes = [len(data) for path, data in made.files().items() if path.endswith("feed.xml") or path.startswith("feed/")]
    assert len(sizes) > 3, "the feed was cut"
    assert MAX_SIZE / 4 < max(sizes) < 1_000_000


def test_no_document_is_above_a_megabyte_where_json_says_all_twice(site: Callable[..., Site]) -> None:
    papers = {
        f"content/papers/p{n:02}.md": paper("😀" * 15_900, "", added=f"2024-01-{n + 1:02}", updated=new)
        for n in range(12)
        for new in ["2025-01-01" if n < 4 else None]
    }
    made = site(papers)
    assert made.build().ok
    assert 100_000 < len(made.text("feed.json").encode()) < 1_000_000


def test_no_formula_reads_the_clock(site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper(r"On $\today$", r"In $\title{x}$ and $\maketitle$.")})
    assert made.build().ok
    (entry,) = ET.fromstring(made.text("feed.xml")).iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == r"On \today"
    assert r"\maketitle" in (entry.findtext(f"{ATOM}summary") or "")


def test_an_address_with_an_ampersand_stands_in_xml(site: Callable[..., Site]) -> None:
    made = site({"site.yml": CONFIG.replace("list.example/", "a&b.example/"), "content/papers/a.md": paper()})
    assert made.build().ok
    assert "https://a&b.example/feed.xml" in [
        link.get("href") for link in ET.fromstring(made.text("feed.xml")).iter(f"{ATOM}link")
    ]


def test_a_note_too_long_for_a_feed_is_there_by_its_summary(site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper("A", "First paragraph.\n\n" + "Words and words. " * 600)})
    assert made.build().ok
    (entry,) = ET.fromstring(made.text("feed.xml")).iter(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}summary") == "First paragraph."
    assert entry.find(f"{ATOM}content") is None
    (item,) = json.loads(made.text("feed.json"))["items"]
    assert item["content_text"] == item["summary"] == "First paragraph."


def test_the_six_odd_papers_make_feeds_that_can_be_read(site: Callable[..., Site]) -> None:
    made = site(six_papers.FILES)
    assert made.build().ok
    read = feedparser.parse((made.output / "feed.xml").read_bytes())
    assert not read.bozo and len(read.entries) == 5, "all but the draft"
    assert six_papers.HOSTILE in [
        ET.fromstring(made.text("feed.xml")).findtext(f"{ATOM}entry[{n}]/{ATOM}title") for n in range(1, 7)
    ]


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40)


def entry_of(**fields: Any) -> Entry:
    """Return an entry with nothing in it but these fields."""
    empty: dict[str, Any] = dict.fromkeys(Entry.__dataclass_fields__, "")
    lists = dict.fromkeys(("authors", "tags", "links", "organizations"), ())
    return Entry(**(empty | lists | {"id": "p", "url": "/papers/p/", "added": None, "updated": None} | fields))


@given(TEXT, st.lists(TEXT, max_size=3), TEXT, TEXT)
def test_whatever_an_entry_holds_it_is_read_back(title: str, names: list[str], tag: str, body: str) -> None:
    entry = entry_of(title_text=title, authors=tuple(names), tags=(Link(tag, "/t/"),), summary="s")
    item = FeedItem("tag:x,2024:p", date(2024, 1, 2), entry, body)
    feed = FeedContext(
        url="/feed.xml",
        title=title,
        id="tag:x,2024:",
        updated=item.updated,
        items=(item,),
        home="/",
        current="/feed.xml",
    )
    shown = Shown(title, "", "", "https://list.example/", "/", "en", "", "", (), (), (), True)
    (found,) = ET.fromstring("".join(atom(feed, shown, {}))).iter(f"{ATOM}entry")
    assert found.findtext(f"{ATOM}title") == title
    assert [name.text for name in found.iterfind(f"{ATOM}author/{ATOM}name")] == names
    assert [one.get("term") for one in found.iter(f"{ATOM}category")] == [tag]
    (read,) = json.loads("".join(json_feed(feed, shown, {})))["items"]
    assert (read["title"], [one["name"] for one in read.get("authors", [])], read["tags"]) == (title, names, [tag])
