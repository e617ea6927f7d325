"""Claims about search in a real browser, at the root of a host and below /repo/."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit, Watch
from tests.browser.odd_site import KINDS
from tests.browser.server import Server

pytestmark = pytest.mark.browser

LIGHT = "First light on quokka navigation"
OLDER = "An older light on quokka navigation"


@pytest.fixture(params=["odd", "below"], ids=["at the root", "under /repo/"])
def place(request: pytest.FixtureRequest) -> Server:
    """The odd site at the root of its host, then under /repo/."""
    server: Server = request.getfixturevalue(request.param)
    return server


def field(page: Page) -> Locator:
    return page.locator("#search").get_by_role("searchbox")


def titles(page: Page) -> Locator:
    return page.locator("#search .pf-result-link")


def test_a_reader_finds_filters_opens_and_comes_back(place: Server, visit: Visit) -> None:
    page = visit(place.url)
    page.get_by_role("searchbox").fill("quokka")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(place.url + "search/?q=quokka")
    expect(field(page)).to_have_value("quokka")
    expect(titles(page)).to_have_count(2)

    page.get_by_role("checkbox", name=re.compile("^C[+][+]")).check()
    expect(titles(page)).to_have_count(1)
    assert titles(page).all_inner_texts() == [LIGHT]
    expect(page).to_have_url(place.url + "search/?q=quokka&tag=C%2B%2B")

    titles(page).click()
    expect(page).to_have_url(place.url + "papers/plain-2024-first-light/")
    expect(page.locator("h1")).to_have_text(LIGHT)

    page.go_back()
    expect(page).to_have_url(place.url + "search/?q=quokka&tag=C%2B%2B")
    expect(field(page)).to_have_value("quokka")
    expect(page.get_by_role("checkbox", name=re.compile("^C[+][+]"))).to_be_checked()
    expect(titles(page)).to_have_text([LIGHT])

    page.go_back()
    expect(page).to_have_url(place.url)


def test_an_address_with_a_query_and_filters_can_be_shared(place: Server, visit: Visit) -> None:
    page = visit(place.url + "search/?q=quokka&year=2018")
    expect(titles(page)).to_have_text([OLDER])
    expect(page.get_by_role("checkbox", name=re.compile("^2018"))).to_be_checked()
    page.get_by_role("checkbox", name=re.compile("^2018")).uncheck()
    expect(titles(page)).to_have_count(2)
    expect(page).to_have_url(place.url + "search/?q=quokka")


def test_the_query_stands_in_the_address_while_it_is_typed(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "search/")
    expect(field(page)).to_be_focused()
    page.keyboard.type("fifty people")
    expect(page).to_have_url(odd.url + "search/?q=fifty+people")
    expect(titles(page)).to_have_text(["Fifty people sort one marmot"])
    field(page).fill("")
    expect(page).to_have_url(odd.url + "search/")


FOUND = {
    "author": ("noether", LIGHT),
    "abstract": ("sentences", LIGHT),
    "venue": ("Rottnest", LIGHT),
    "math title": ("sorting marmots bounds", "Bounds of O(√(n)log n) for sorting marmots"),
    "Japanese": ("読書室", "読書室における論文の並べ方について"),
    "Arabic": ("القراءة", "أثر القراءة في فهم النصوص الطويلة"),
    "the fiftieth author": ("Family50", "Fifty people sort one marmot"),
    "markup": ("onerror", "<script>window.__pwned=1</script><img src=x onerror=window.__pwned=1>"),
}


@pytest.mark.parametrize("what", FOUND)
def test_a_paper_is_found_by(what: str, odd: Server, visit: Visit) -> None:
    words, title = FOUND[what]
    page = visit(odd.url + "search/")
    field(page).fill(words)
    expect(titles(page).first).to_have_text(title)
    assert page.evaluate("window.__pwned") is None


def test_results_hold_papers_only_and_nothing_is_said_when_there_are_none(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "search/?q=marmots")
    expect(titles(page)).to_have_count(4)
    links = [link.get_attribute("href") or "" for link in titles(page).all()]
    assert all(link.startswith("/papers/") for link in links)
    field(page).fill("xylophone")
    expect(page.locator(".pf-summary")).to_contain_text("No results")
    expect(titles(page)).to_have_count(0)


@pytest.mark.parametrize("keys", ["/", "Control+k", "Meta+k"])
def test_a_key_leads_to_search_from_any_page(keys: str, place: Server, visit: Visit) -> None:
    page = visit(place.url)
    for kind in ("paper", "tag", "archive", "author counts", "authors", "page"):
        page.goto(place.url + KINDS[kind][1:])
        page.keyboard.press(keys)
        expect(page).to_have_url(place.url + "search/")
        expect(field(page)).to_be_focused()
    for kind in ("home", "missing"):  # where there is a field
        page.goto(place.url + KINDS[kind][1:])
        page.keyboard.press(keys)
        expect(page.get_by_role("searchbox")).to_be_focused()
        expect(page.get_by_role("searchbox")).to_have_value("")
    page.keyboard.type("/")
    expect(page.get_by_role("searchbox")).to_have_value("/")


def test_results_are_reached_and_opened_by_keyboard(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    page.keyboard.press("/")
    page.keyboard.type("quokka")
    page.keyboard.press("Enter")
    expect(titles(page)).to_have_count(2)
    expect(field(page)).to_be_focused()

    page.keyboard.press("ArrowDown")
    expect(titles(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(titles(page).nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(titles(page).nth(0)).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(field(page)).to_be_focused()

    page.keyboard.press("Tab")
    for _ in range(30):
        if page.evaluate("document.activeElement.matches('.pf-result-link')"):
            break
        page.keyboard.press("Tab")
    expect(titles(page).nth(0)).to_be_focused()
    first = titles(page).nth(0).get_attribute("href") or ""
    page.keyboard.press("Enter")
    expect(page).to_have_url(odd.url + first[1:])


def test_a_filter_is_chosen_by_keyboard(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "search/?q=marmots")
    expect(titles(page)).to_have_count(4)
    page.get_by_role("checkbox", name=re.compile("^navigation")).focus()
    page.keyboard.press("Space")
    expect(titles(page)).to_have_text([LIGHT])
    page.keyboard.press("Space")
    expect(titles(page)).to_have_count(4)


@pytest.mark.parametrize("query", ["", "?q=quokka"])
def test_a_site_without_an_index_says_so_and_shows_ways_to_every_paper(
    query: str, unindexed: Server, visit: Visit, watch: Watch
) -> None:
    watch.missing = {unindexed.url + f"pagefind/pagefind-component-ui.{kind}" for kind in ("css", "js")}
    page = visit(unindexed.url + "search/" + query)
    expect(page.get_by_role("status")).to_contain_text("without a search index")
    page.locator("main").get_by_role("link", name="Archive").click()
    page.locator("main").get_by_role("link", name="2024").first.click()
    page.get_by_role("link", name=LIGHT, exact=True).click()
    expect(page.locator("h1")).to_have_text(LIGHT)


def test_nothing_of_search_is_loaded_before_it_is_used(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    for kind in ("home", "paper", "tag"):
        page.goto(odd.url + KINDS[kind][1:], wait_until="load")
        loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
        assert [name for name in loaded if "pagefind" in name or "search" in name] == []
