"""What the papers become together: orders, terms and their addresses, neighbours, pages of lists, and clashes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_gen.config import Config
from site_gen.contexts import Asset, FeedContext, Page, PaperContext, PeriodContext, Plan, RedirectContext, TermContext
from site_gen.library import Library, by_added, by_date, collect
from site_gen.pages import _paginated, plan
from site_gen.papers import ContentPage, Discussion, Paper, PartialDate, Person, Venue
from site_gen.problems import Problem
from site_gen.sources import Source, Sources, split
from site_gen.text import with_suffix
from site_gen.vocabulary import Name, Vocabulary
from tests.sites import paper as file

pytestmark = pytest.mark.smoke

NONE = Vocabulary()
A_LIST = Config("A list")


def paper(id: str, **fields: object) -> Paper:
    """Return a paper whose file is where its id says."""
    given = {"title": id.upper(), "added": date(2024, 1, 1), **fields}
    if isinstance(given.get("authors"), list):
        given["authors"] = tuple(Person(name, "", name) for name in given["authors"])  # type: ignore[attr-defined]
    return Paper(id, f"content/papers/{id}.md", **given)  # type: ignore[arg-type]


def sources_of(papers: Iterable[Paper]) -> dict[str, Source]:
    return {p.path: Source(p.path, "", file(aliases=list(p.aliases)).encode()) for p in papers}


def library(*papers: Paper, tags: Vocabulary = NONE, people: Vocabulary = NONE, least: int = 2) -> Library:
    made, problems = collect(papers, (), tags, people, sources_of(papers), least)
    assert problems == []
    return made


def planned(
    *papers: Paper, config: Config = A_LIST, assets: Iterable[Asset] = (), **options: object
) -> tuple[Plan, list[Problem]]:
    pages = options.pop("pages", ())
    static = options.pop("static", ())
    made, _ = collect(papers, pages, NONE, NONE, sources_of(papers), **options)  # type: ignore[arg-type]
    return plan(made, config, tuple(assets), Sources(papers=tuple(sources_of(papers).values()), static=tuple(static)))  # type: ignore[arg-type]


def page(made: Plan, url: str) -> Page:
    (found,) = [page for page in made.pages if page.url == url]
    return found


def urls(made: Plan, start: str) -> list[str]:
    return [page.url for page in made.pages if page.url.startswith(start)]


def slugs(made: Library, kind: str) -> dict[str, str]:
    return {term.name: term.slug for term in made.taxonomies[kind].terms}


# --- Order

DATES = [
    None,
    PartialDate(2023),
    PartialDate(2023, 5),
    PartialDate(2023, 5, 9),
    PartialDate(2023, 6),
    PartialDate(2024),
]


def test_a_shorter_date_stands_before_its_longer_ones_and_undated_is_last() -> None:
    papers = [paper(f"p{n}", date=when) for n, when in enumerate(DATES)]
    shown = [p.date.iso if p.date else "" for p in sorted(papers, key=by_date)]
    assert shown == ["2024", "2023", "2023-06", "2023-05", "2023-05-09", ""]


def test_newest_additions_come_first_then_the_newest_date_then_the_id() -> None:
    papers = [
        paper("d", added=None),
        paper("c", added=date(2024, 1, 1), date=PartialDate(2020)),
        paper("b", added=date(2024, 1, 1), date=PartialDate(2020)),
        paper("a", added=date(2024, 1, 1), date=PartialDate(2021)),
        paper("e", added=date(2024, 1, 2)),
        paper("f", added=date(2024, 1, 1)),
    ]
    assert [p.id for p in sorted(papers, key=by_added)] == ["e", "a", "b", "c", "f", "d"]
    assert [p.id for p in library(*papers).papers] == ["e", "a", "b", "c", "f", "d"]


def test_venues_are_listed_by_date_and_tags_by_addition() -> None:
    old = paper("old", added=date(2024, 2, 1), date=PartialDate(2001), venue=Venue("V"), tags=("t",))
    new = paper("new", added=date(2024, 1, 1), date=PartialDate(2021), venue=Venue("V"), tags=("t",))
    made = library(old, new)
    assert [entry.id for entry in made.taxonomies["venues"].terms[0].entries] == ["new", "old"]
    assert [entry.id for entry in made.taxonomies["tags"].terms[0].entries] == ["old", "new"]


@given(st.permutations(range(5)))
def test_the_order_of_files_does_not_matter(order: list[int]) -> None:
    papers = [
        paper(f"p{n}", date=when, tags=("T", "t"[: n % 2])[: 1 + n % 2], authors=["A B"])
        for n, when in enumerate(DATES[:5])
    ]
    papers = [replace(p, tags=tuple(tag for tag in p.tags if tag)) for p in papers]
    assert library(*(papers[n] for n in order)) == library(*papers)


def test_indexes_are_in_the_order_of_the_alphabet_and_numbers_in_theirs() -> None:
    made = library(
        paper("a", tags=("zebra", "Émile", "eagle"), authors=[f"N{n}" for n in range(10)], date=PartialDate(2023, 11)),
        paper("b", authors=["N1", "N2"], date=PartialDate(2023, 2)),
        paper("c", authors=["Ada", "N1", "N2"]),
    )
    assert [term.name for term in made.taxonomies["tags"].terms] == ["eagle", "Émile", "zebra"]
    assert [term.name for term in made.taxonomies["author-counts"].terms] == ["2", "3", "10"]
    assert [term.name for term in made.taxonomies["months"].terms] == ["2023/02", "2023/11"]


def test_authors_are_sorted_by_family_name() -> None:
    people = (Person("Ada Zeta", "Ada", "Zeta"), Person("Zoe Alpha", "Zoe", "Alpha"), Person("A Group"))
    made = library(paper("a", authors=people))
    assert [term.name for term in made.taxonomies["authors"].terms] == ["A Group", "Zoe Alpha", "Ada Zeta"]


# --- Terms and their addresses


def test_of_two_names_with_one_slug_the_first_on_the_list_keeps_it_plain() -> None:
    first = paper("z", tags=("R&D",), added=date(2024, 1, 1))
    second = paper("a", tags=("R and D",), added=date(2024, 1, 2))
    assert slugs(library(first, second), "tags") == {"R&D": "r-and-d", "R and D": with_suffix("r-and-d", "r and d")}


def test_a_paper_that_joins_later_moves_no_term() -> None:
    papers = [
        paper(f"p{n}", tags=(tag,), added=date(2024, 1, n + 1)) for n, tag in enumerate(["C", "C.", "C..", "c!", "C-?"])
    ]
    for count in range(1, len(papers)):
        before, after = slugs(library(*papers[:count]), "tags"), slugs(library(*papers[: count + 1]), "tags")
        assert {name: after[name] for name in before} == before


def test_the_spelling_that_joined_first_is_shown() -> None:
    made = library(paper("b", tags=("nlp",), added=date(2024, 1, 2)), paper("a", tags=("NLP",), added=date(2024, 1, 1)))
    (term,) = made.taxonomies["tags"].terms
    assert (term.name, len(term.entries)) == ("NLP", 2)


def test_a_paper_is_in_a_term_once() -> None:
    made = library(paper("a", tags=("NLP", "nlp", "natural language processing"), organization=("Lab", "LAB")),
                   tags=Vocabulary((Name("NLP", synonyms=("Natural Language Processing",)),), True))  # fmt: skip
    assert [len(term.entries) for kind in ("tags", "organizations") for term in made.taxonomies[kind].terms] == [1, 1]
    assert [tag.name for tag in made.entries[0].tags] == ["NLP"]


def test_synonyms_and_former_names_redirect_to_the_term() -> None:
    tags = Vocabulary((Name("Honesty", synonyms=("Truth",), formerly=("Veracity", "Candour")), Name("Candour")), True)
    papers = (paper("a", tags=("truth",)), paper("b", tags=("candour",)))
    made, problems = collect(papers, (), tags, NONE, sources_of(papers))
    assert problems == []
    (_, honesty) = made.taxonomies["tags"].terms
    assert honesty.former == ("truth", "veracity"), "an address that a term has now redirects nowhere"
    outputs, problems = plan(made, A_LIST, (), Sources())
    assert problems == []
    targets = {p.url: p.context.target for p in outputs.pages if isinstance(p.context, RedirectContext)}
    assert targets == {"/tags/truth/": "/tags/honesty/", "/tags/veracity/": "/tags/honesty/"}


def test_a_former_name_redirects_from_the_address_with_digits_where_another_has_the_plain_one() -> None:
    first, second = (paper("a", tags=("naïve",)), paper("b", tags=("naive",), added=date(2024, 1, 2)))
    address = slugs(library(first, second), "tags")["naive"]
    assert address == with_suffix("naive", "naive")
    tags = Vocabulary((Name("naïve"), Name("credulous", formerly=("naive", "Naive"))), True)
    credulous, naive = library(first, replace(second, tags=("credulous",)), tags=tags).taxonomies["tags"].terms
    assert (naive.slug, naive.former) == ("naive", ())
    assert (credulous.slug, credulous.former) == ("credulous", (address,))


def test_two_former_names_with_one_slug_have_an_address_each() -> None:
    tags = Vocabulary((Name("one", formerly=("naïve",)), Name("two", synonyms=("naive",), formerly=("naïve",))), True)
    one, two = library(paper("a", tags=("one", "two")), tags=tags).taxonomies["tags"].terms
    assert (one.former, two.former) == (("naive",), (with_suffix("naive", "naive"),))


def test_people_are_shown_under_their_preferred_names() -> None:
    people = Vocabulary(
        (Name("Ada Lovelace", synonyms=("A. Lovelace",), orcid="0000-0002-1825-0097", url="https://a.example/"),)
    )
    made = library(paper("a", authors=["A. Lovelace"]), paper("b", authors=["Ada Lovelace"]), people=people)
    (term,) = made.taxonomies["authors"].terms
    assert (term.name, term.orcid, term.homepage, len(term.entries)) == (
        "Ada Lovelace",
        "0000-0002-1825-0097",
        "https://a.example/",
        2,
    )
    assert {entry.authors for entry in made.entries} == {("Ada Lovelace",)}


def test_editors_are_shown_under_their_preferred_names_and_lead_to_their_pages() -> None:
    people = Vocabulary((Name("Ada Lovelace", synonyms=("A. Lovelace",)),), True)
    papers = (
        paper("a", authors=["Ada Lovelace"]),
        paper("b", authors=["A. Lovelace"], editors=(Person("A. Lovelace", "A.", "Lovelace"),)),
    )
    outputs, problems = plan(library(*papers, people=people), A_LIST, (), Sources())
    assert problems == []
    (editor,) = page(outputs, "/papers/b/").context.editors  # type: ignore[attr-defined]
    assert (editor.name, editor.url) == ("Ada Lovelace", "/authors/ada-lovelace/")


def test_a_preferred_name_is_taken_apart_and_a_unit_stays_one() -> None:
    people = Vocabulary(
        (Name("Augusta Ada Lovelace", synonyms=("Ada King",)), Name("Analytical Society", synonyms=("The Society",)))
    )
    authors = (Person("Ada King", "Ada", "King"), Person("The Society"))
    made = library(paper("a", authors=authors), people=people)
    assert [author.sort_name for author in made.papers[0].authors] == ["Lovelace, Augusta Ada", "Analytical Society"]


@pytest.mark.parametrize("least", [1, 2, 3])
def test_authors_have_a_page_from_a_number_of_papers_on(least: int) -> None:
    made = library(paper("a", authors=["One", "Two"]), paper("b", authors=["Two"]), least=least)
    pages = {term.name: bool(term.url) for term in made.taxonomies["authors"].terms}
    assert pages == {"One": least <= 1, "Two": least <= 2}
    assert set(made.authors) == {"one", "two"}


def test_venues_are_grouped_by_their_short_name() -> None:
    made = library(
        paper("a", venue=Venue("Conference 2023", short="CONF")),
        paper("b", venue=Venue("Conference 2024", short="CONF")),
    )
    assert slugs(made, "venues") == {"CONF": "conf"}
    assert [entry.venue.name for entry in made.entries if entry.venue] == ["Conference 2023", "Conference 2024"]


# --- What follows for a paper


def test_author_counts_are_given_or_counted_or_unknown() -> None:
    made = library(
        paper("a", authors=["A", "B"], author_count=12),
        paper("b", authors=["A", "B"]),
        paper("c", author_count=12),
        paper("d"),
    )
    assert [entry.author_count for entry in made.entries] == [12, 2, 12, None]
    assert {term.name: len(term.entries) for term in made.taxonomies["author-counts"].terms} == {"2": 1, "12": 2}
    outputs, _ = planned(paper("a", author_count=12), paper("d"))
    assert page(outputs, "/author-counts/").context.unknown == 1  # type: ignore[attr-defined]


def test_an_entry_holds_what_a_list_shows() -> None:
    body = "First paragraph.\n\nSecond."
    made = library(
        paper(
            "a", title="On $x^2$", body=body, arxiv="2312.07000", doi="10.48550/arXiv.2312.07000", url="https://a.example/",
            links=(("pdf", "https://b.example/"), ("code", "https://c.example/")), discussion=Discussion("https://d.example/", 3),
            status="superseded", superseded_by="b",
        ),
        paper("b", title="B", doi="10.1000/a<b>;(c)#d"),
    )  # fmt: skip
    a, b = made.entries
    assert (a.summary, a.has_more, a.title_text, a.comments) == ("First paragraph.", True, "On x^2", 3)
    assert a.superseded_by is not None and a.superseded_by.url == "/papers/b/"
    assert [(link.name, link.url) for link in a.links] == [
        ("arXiv", "https://arxiv.org/abs/2312.07000"),
        ("Paper", "https://a.example/"),
        ("PDF", "https://b.example/"),
        ("Code", "https://c.example/"),
    ]
    assert [link.url for link in b.links] == ["https://doi.org/10.1000/a%3Cb%3E%3B(c)%23d"]


def test_an_entry_does_not_change_with_the_rest_of_the_note() -> None:
    one, other = (library(paper("a", body=f"First.\n\n{rest}")).entries[0] for rest in ("One.", "Other."))
    assert one == other and one.fingerprint == other.fingerprint
    assert library(paper("a", body="Else.\n\nOne.")).entries[0].fingerprint != one.fingerprint


def test_previous_is_newer_and_next_is_older() -> None:
    outputs, _ = planned(*(paper(f"p{n}", added=date(2024, 1, n)) for n in (1, 2, 3)))
    contexts = {p.url: p.context for p in outputs.pages if isinstance(p.context, PaperContext)}
    neighbours = {url: (c.previous and c.previous.url, c.next and c.next.url) for url, c in contexts.items()}
    assert neighbours == {
        "/papers/p3/": (None, "/papers/p2/"),
        "/papers/p2/": ("/papers/p3/", "/papers/p1/"),
        "/papers/p1/": ("/papers/p2/", None),
    }


# --- The archive


@pytest.mark.parametrize(
    ("when", "week"),
    [
        (PartialDate(2021, 1, 3), "2020/W53"),
        (PartialDate(2021, 1, 4), "2021/W01"),
        (PartialDate(2024, 12, 30), "2025/W01"),
        (PartialDate(2025, 9, 29), "2025/W40"),
    ],
)
def test_a_week_stands_under_its_iso_year(when: PartialDate, week: str) -> None:
    assert list(slugs(library(paper("a", date=when, added=date(2025, 12, 1))), "weeks")) == [week]


@pytest.mark.parametrize(
    ("dates", "week", "up", "names"),
    [
        (["2024-12-30"], "2025/W01", "2024", {"2024": "week 1 of 2025"}),
        (["2021-01-01"], "2020/W53", "2021", {"2021": "week 53 of 2020"}),
        (["2024-12-30", "2025-06-02"], "2025/W01", "2024", {"2024": "week 1 of 2025", "2025": "week 23"}),
        (["2024-12-30", "2025-01-02"], "2025/W01", "2025", {"2024": "week 1 of 2025", "2025": "week 1"}),
    ],
    ids=["december", "january", "the ISO year has other papers", "both years"],
)
def test_a_week_at_the_end_of_a_year_is_listed_where_its_papers_are(
    dates: list[str], week: str, up: str, names: dict[str, str]
) -> None:
    papers = [paper(f"p{n}", date=PartialDate(*map(int, when.split("-")))) for n, when in enumerate(dates)]
    made, problems = planned(*papers)
    assert problems == []
    trail = page(made, f"/dates/{week}/").context
    assert isinstance(trail, PeriodContext)
    assert [link.url for link in trail.up] == [f"/dates/{up}/"]
    years = {year: page(made, f"/dates/{year}/").context for year in names}
    assert {year: [count.name for count in context.weeks] for year, context in years.items()} == {  # type: ignore[attr-defined]
        year: [name] for year, name in names.items()
    }
    assert f"/dates/{week}/" in [count.url for count in years[up].weeks]  # type: ignore[attr-defined]


def test_periods_are_only_as_precise_as_the_date() -> None:
    made = library(paper("a", date=PartialDate(2023)), paper("b", date=PartialDate(2023, 5)), paper("c"))
    found = {
        kind: {t.name: len(t.entries) for t in made.taxonomies[kind].terms}
        for kind in ("years", "months", "days", "weeks")
    }
    assert found == {"years": {"2023": 2, "undated": 1}, "months": {"2023/05": 1}, "days": {}, "weeks": {}}
    assert next(t for t in made.taxonomies["years"].terms if t.name == "undated").url == "/dates/undated/"


def test_periods_lead_to_the_previous_and_next_that_have_papers() -> None:
    outputs, problems = planned(*(paper(f"p{year}", date=PartialDate(year, 5, 9)) for year in (2019, 2021, 2024)))
    assert problems == []
    for start, end in (("", ""), ("05/", ""), ("05/09/", "")):
        middle = page(outputs, f"/dates/2021/{start}{end}").context
        assert isinstance(middle, PeriodContext) and middle.previous and middle.next
        assert (middle.previous.url, middle.next.url) == (f"/dates/2019/{start}", f"/dates/2024/{start}")
    week = page(outputs, "/dates/2021/W18/").context
    assert isinstance(week, PeriodContext) and week.week == 18 and week.next and week.next.url == "/dates/2024/W19/"


# --- Pages of a list


@given(st.integers(0, 200), st.integers(1, 30))
def test_pages_hold_every_entry_once_in_order(count: int, size: int) -> None:
    pages = list(_paginated("/x/", range(count), size))  # type: ignore[arg-type]
    assert [entry for _, entries, _ in pages for entry in entries] == list(range(count))
    assert pages[0][0] == "/x/" and all(len(entries) == size for _, entries, _ in pages[1:])
    assert len(pages[0][1]) < 2 * size
    assert [url for url, _, _ in pages[1:]] == [f"/x/page/{n}/" for n in range(len(pages) - 1, 0, -1)]
    for (url, _, pager), (following, _, next_pager) in pairwise(pages):
        assert (pager.older, next_pager.newer) == (following, url)
    assert pages[0][2].newer == pages[-1][2].older == ""


@given(st.integers(0, 100), st.integers(1, 20))
def test_a_new_entry_leaves_all_pages_but_the_first_two_alone(count: int, size: int) -> None:
    """Page 1 is the oldest: its entries, and those of every full page, never move."""
    before = {url: entries for url, entries, _ in _paginated("/x/", range(count), size)}  # type: ignore[arg-type]
    after = {url: entries for url, entries, _ in _paginated("/x/", range(-1, count), size)}  # type: ignore[arg-type]
    assert [url for url in before if before[url] != after[url]] == ["/x/"]
    assert len(after) - len(before) in (0, 1)


def test_long_lists_are_split_and_say_so() -> None:
    papers = [paper(f"p{n}", tags=("t",), added=date(2024, 1, n)) for n in range(1, 8)]
    outputs, _ = planned(*papers, config=Config("A list", per_page=3))
    assert urls(outputs, "/tags/t/") == ["/tags/t/", "/tags/t/page/1/", "/tags/t/papers.bib"]
    assert urls(outputs, "/page/") == ["/page/1/"]
    first, second = (page(outputs, url).context for url in ("/tags/t/", "/tags/t/page/1/"))
    assert isinstance(first, TermContext) and isinstance(second, TermContext)
    assert [entry.id for entry in second.entries] == ["p3", "p2", "p1"]
    assert (first.total, second.title) == (7, "Papers tagged t, page 1")


# --- Feeds

WITH_ID = Config("A list", id="tag:list.example,2024:a")


def fed(*papers: Paper, url: str = "/feed.xml") -> list[str]:
    outputs, problems = planned(*papers, config=WITH_ID)
    assert problems == []
    return [item.entry.id for item in feed(outputs, url).items]


def feed(outputs: Plan, url: str) -> FeedContext:
    context = page(outputs, url).context
    assert isinstance(context, FeedContext)
    return context


def test_the_feed_holds_the_papers_that_changed_last_in_the_order_of_the_list() -> None:
    papers = [paper(f"p{n:02}", added=date(2024, 1, n)) for n in range(1, 32)]
    newest_first = [f"p{n:02}" for n in range(31, 0, -1)]
    assert fed(*papers) == newest_first[:30]
    papers[0] = replace(papers[0], updated=date(2024, 1, 3))
    assert fed(*papers) == [*newest_first[:29], "p01"]


def test_a_paper_without_added_is_in_the_feed_by_its_date() -> None:
    papers = [paper(f"p{n:02}", added=date(2024, 1, n)) for n in range(1, 31)]
    assert fed(*papers, paper("x", added=None, date=PartialDate(2024, 1)))[-1] == "p01"
    assert fed(*papers, paper("x", added=None, date=PartialDate(2024, 2)))[-2:] == ["p02", "x"]
    assert "x" not in fed(*papers, paper("x", added=None))


def test_the_feed_and_its_archives_hold_every_paper_and_archives_do_not_move() -> None:
    papers = [paper(f"p{n:03}", added=date(2024, 1, 1) + timedelta(n)) for n in range(91)]
    before, _ = planned(*papers, config=WITH_ID)
    assert urls(before, "/feed/") == ["/feed/1.xml", "/feed/2.xml", "/feed/3.xml"]
    found, url = [], "/feed.xml"
    while url:
        document = feed(before, url)
        assert (document.current, document.oldest) == ("/feed.xml", "/feed/1.xml")
        found += [item.entry.id for item in document.items]
        url = document.older
    assert sorted(set(found)) == [p.id for p in papers]
    after, _ = planned(*papers, paper("new", added=date(2025, 1, 1)), config=WITH_ID)
    assert urls(after, "/feed/") == urls(before, "/feed/")
    assert all(page(after, url) == page(before, url) for url in urls(before, "/feed/"))


def test_what_the_feed_does_not_hold_is_in_an_archive_also_without_a_full_one() -> None:
    papers = [paper(f"p{n:02}", added=date(2024, 1, n)) for n in range(1, 31)]
    assert fed(*papers) == [f"p{n:02}" for n in range(30, 0, -1)]
    outputs, _ = planned(*papers, config=WITH_ID)
    assert urls(outputs, "/feed/") == [] and feed(outputs, "/feed.xml").older == ""


def test_an_old_paper_that_changed_is_in_the_feed_and_in_its_archive() -> None:
    papers = [paper(f"p{n:02}", added=date(2024, 1, n)) for n in range(1, 32)]
    papers[0] = replace(papers[0], updated=date(2024, 2, 1))
    assert "p01" in fed(*papers) and "p01" in fed(*papers, url="/feed/1.xml")


def test_tags_venues_and_authors_of_five_papers_have_feeds_and_tags_and_venues_have_bibtex() -> None:
    five, four = Person("Ada Lovelace"), Person("Grace Hopper")
    papers = [
        paper(f"p{n}", tags=("t",), venue=Venue("V"), organization=("O",), authors=(five, four)[: 1 + (n < 4)])
        for n in range(5)
    ]
    outputs, _ = planned(*papers, config=WITH_ID)
    beside = [p.url for p in outputs.pages if p.url.count("/") == 3 and not p.url.startswith("/papers/")]
    assert [url for url in beside if not url.endswith("/")] == [
        "/authors/ada-lovelace/feed.xml",
        "/tags/t/feed.xml",
        "/tags/t/papers.bib",
        "/venues/v/feed.xml",
        "/venues/v/papers.bib",
    ]
    terms = {
        url: page(outputs, url).context for url in ("/tags/t/", "/authors/ada-lovelace/", "/authors/grace-hopper/")
    }
    assert [(t.feed, t.bibtex) for t in terms.values() if isinstance(t, TermContext)] == [
        ("/tags/t/feed.xml", "/tags/t/papers.bib"),
        ("/authors/ada-lovelace/feed.xml", ""),
        ("", ""),
    ]
    (_, tags, venues, authors) = page(outputs, "/feeds.opml").context.groups  # type: ignore[attr-defined]
    assert [name for name, _ in (tags, venues, authors)] == ["Tags", "Venues", "Authors"]
    assert [link.url for link in authors[1]] == ["/authors/ada-lovelace/feed.xml"]


def test_without_something_to_make_ids_of_there_is_no_feed() -> None:
    outputs, _ = planned(*(paper(f"p{n}", tags=("t",)) for n in range(5)))
    assert not [p.url for p in outputs.pages if "feed" in p.url]
    assert page(outputs, "/tags/t/").context.feed == ""  # type: ignore[attr-defined]


def test_a_term_of_papers_without_any_date_has_no_feed() -> None:
    outputs, _ = planned(paper("a", tags=("t",), added=None), paper("b", tags=("u",)), config=WITH_ID)
    assert urls(outputs, "/tags/t/") == ["/tags/t/", "/tags/t/papers.bib"]
    assert urls(outputs, "/tags/u/") == ["/tags/u/", "/tags/u/feed.xml", "/tags/u/papers.bib"]


# --- arXiv


def test_the_address_of_an_arxiv_identifier_leads_to_the_paper_that_was_added_first() -> None:
    papers = (
        paper("a", arxiv="2312.07000", added=date(2024, 2, 1)),
        paper("b", arxiv="2312.07000", added=date(2024, 1, 1)),
        paper("c", arxiv="cs.LG/0112017"),
    )
    outputs, _ = planned(*papers)
    found = {p.url: p.context.target for p in outputs.pages if isinstance(p.context, RedirectContext)}
    assert found == {"/arxiv/2312.07000/": "/papers/b/", "/arxiv/cs.LG/0112017/": "/papers/c/"}


# --- Conflicts


def test_an_alias_redirects() -> None:
    outputs, problems = planned(paper("a", aliases=("old-a", "older-a")))
    assert problems == []
    found = {p.url: p.context.target for p in outputs.pages if isinstance(p.context, RedirectContext)}
    assert found == {"/papers/old-a/": "/papers/a/", "/papers/older-a/": "/papers/a/"}


def test_an_alias_of_a_paper_or_of_another_alias_is_a_conflict_with_its_place() -> None:
    papers = (paper("a", aliases=("b",)), paper("b"), paper("c", aliases=("x", "x2")), paper("d", aliases=("x2", "d")))
    _, problems = planned(*papers)
    assert [(p.code, p.location.path, p.location.line > 0) for p in problems] == [
        ("alias-conflict", "content/papers/a.md", True),
        ("alias-conflict", "content/papers/d.md", True),
        ("alias-conflict", "content/papers/d.md", True),
    ]
    assert "content/papers/c.md" in problems[1].message


def test_a_file_with_a_problem_in_each_of_many_items_is_read_once_for_their_places(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[str] = []

    def counted(source: Source) -> object:
        reads.append(source.path)
        return split(source)

    monkeypatch.setattr("site_gen.papers.split", counted)
    _, problems = planned(paper("many", aliases=("x",) * 100))
    assert len({problem.location.column for problem in problems}) == 99
    assert reads == ["content/papers/many.md"]


def test_a_clash_names_every_source() -> None:
    _, problems = planned(
        paper("a"),
        pages=(ContentPage("search", "content/pages/search.md", "Search"),),
        static=(Source("static/search/index.html", ""), Source("static/Search/INDEX.html", "")),
    )
    (problem,) = problems
    assert problem.code == "clash"
    for source in (
        "content/pages/search.md",
        "static/search/index.html",
        "static/Search/INDEX.html",
        "the search page",
    ):
        assert source in problem.message


@pytest.mark.parametrize(
    "path",
    [
        "papers/a/index.html",
        "PAPERS/A/index.html",
        "papers/a",
        "papers",
        "papers/a/cite.bib",
        "papers.bib",
        "papers.json/x",
        "404.html",
        "robots.txt",
        "pagefind",
        "pagefind/x.js",
    ],
)
def test_a_static_file_in_the_place_of_a_page_or_of_its_folder_clashes(path: str) -> None:
    _, problems = planned(paper("a"), static=(Source(f"static/{path}", ""),))
    assert {problem.code for problem in problems} == {"clash"}


@pytest.mark.parametrize("path", ["papers/a/extra.txt", "papersx", "CNAME", ".well-known/security.txt", "tags/x.txt"])
def test_a_static_file_beside_pages_is_fine(path: str) -> None:
    _, problems = planned(paper("a"), static=(Source(f"static/{path}", ""),))
    assert problems == []


def test_files_that_differ_in_normal_form_only_clash() -> None:
    static = (Source("static/caf\u00e9.txt", ""), Source("static/cafe\u0301.txt", ""))
    _, problems = planned(paper("a"), static=static)
    assert [problem.code for problem in problems] == ["clash"]


def test_theme_assets_can_be_hidden_by_nothing() -> None:
    theme = Asset("/assets/site.css", "assets/site.css", "", "theme:0")
    _, (problem,) = planned(paper("a"), assets=[theme], static=(Source("static/assets/site.css", ""),))
    assert "the theme's assets/site.css" in problem.message and "static/assets/site.css" in problem.message


def test_no_papers_make_a_site_without_lists() -> None:
    outputs, problems = planned()
    assert problems == []
    assert [p.url for p in outputs.pages if p.template.endswith(".j2")] == ["/", "/404.html", "/robots.txt", "/search/"]
    assert outputs.site.menu == ()


def test_no_papers_make_files_to_take_away_with_nothing_in_them_and_no_feed() -> None:
    """The links to them are on every page."""
    outputs, _ = planned(config=Config("A list", id="tag:list.example,2024:a"))
    endings = ("bib", "biblatex.bib", "csl.json", "ris")
    citations = [f"/papers{notes}.{ending}" for notes in ("-with-notes", "") for ending in endings]
    expected = {*citations, "/papers.json", "/papers.schema.json", "/llms.txt"}
    assert {p.url for p in outputs.pages if not p.template.endswith(".j2")} == expected
