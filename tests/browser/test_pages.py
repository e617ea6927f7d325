"""Claims about every kind of page: its structure, its width, its text, on paper and without JavaScript."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise
from urllib.parse import urldefrag, urljoin
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit, Watch
from tests.browser.odd_site import ARABIC, HOSTILE, JAPANESE, KINDS, LONG, NAMES, PAPERS
from tests.browser.server import POLICY, Server

pytestmark = pytest.mark.browser

OUTLINE = """() => {
  const seen = (node) => node.checkVisibility();
  const all = (selector) => [...document.querySelectorAll(selector)].filter(seen);
  return {
    headings: all("h1,h2,h3,h4,h5,h6").map((node) => Number(node.tagName[1])),
    empty: all("h1,h2,h3,h4,h5,h6,a,button").filter((node) => !node.textContent.trim() && !node.ariaLabel).length,
    banner: all("body > header").length,
    main: all("main").length,
    footer: all("body > footer").length,
    navs: all("nav").map((node) => node.getAttribute("aria-label")),
    language: document.documentElement.lang,
    ids: [...document.querySelectorAll("[id]")].map((node) => node.id),
  };
}"""


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_one_first_heading_no_skipped_level_and_named_landmarks(
    kind: str, odd: Server, visit: Visit
) -> None:
    page = visit(odd.url + KINDS[kind][1:])
    found = page.evaluate(OUTLINE)

    levels = found["headings"]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    assert found["empty"] == 0
    assert (found["banner"], found["main"], found["footer"]) == (1, 1, 1)
    assert None not in found["navs"] and len(set(found["navs"])) == len(found["navs"])
    assert found["language"] == "en"
    assert len(set(found["ids"])) == len(found["ids"])
    assert page.evaluate("window.__pwned") is None


def test_titles_of_pages_differ(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    titles = {}
    for kind, url in KINDS.items():
        page.goto(odd.url + url[1:])
        titles[kind] = page.title()
    assert len(set(titles.values())) == len(titles)
    assert all("A room of odd papers" in title for title in titles.values())


@pytest.mark.parametrize("kind", KINDS)
def test_every_page_carries_the_policy_that_is_tested_as_a_header(kind: str, odd: Server) -> None:
    with urlopen(odd.url + KINDS[kind][1:]) as answer:
        text = answer.read().decode()
    assert f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">' in text
    # Before anything that it could forbid.
    assert text.index("Content-Security-Policy") < min(text.index("<script"), text.index("<link"))
    assert not re.search(r"<style|<script(?![^>]*\ssrc=)(?![^>]*application/ld\+json)|\sstyle=|\son[a-z]+=\"", text)


WIDTHS = """() => {
  const root = document.documentElement;
  return [root.scrollWidth, document.body.scrollWidth].map((width) => width - root.clientWidth);
}"""
SIZES = {
    "a phone": (320, 1),
    "a tablet": (768, 1),
    "a desk": (1280, 1),
    "a tablet at 200%": (384, 1),
    "a desk at 200%": (640, 1),
    "a desk with text twice as large": (1280, 2),
    "a tablet with text twice as large": (768, 2),
}


def overflowing(page: Page) -> list[str]:
    """Return the sizes at which the page can be scrolled sideways."""
    found = []
    for name, (width, text) in SIZES.items():
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("(size) => document.documentElement.style.fontSize = size", f"{100 * text}%")
        if max(page.evaluate(WIDTHS)) > 0:
            found.append(name)
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_scrolls_sideways(kind: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:])
    page.evaluate("document.querySelectorAll('details').forEach((node) => node.open = true)")
    assert overflowing(page) == []


@pytest.mark.parametrize("kind", ["home", "paper", "right to left", "long", "tags", "year", "author counts", "authors"])
def test_no_page_of_a_right_to_left_site_scrolls_sideways(kind: str, unindexed: Server, visit: Visit) -> None:
    page = visit(unindexed.url + KINDS[kind][1:])
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert overflowing(page) == []


def test_search_results_do_not_scroll_sideways(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "search/?q=unreasonably")
    page.locator("#search .pf-result").first.wait_for()
    assert overflowing(page) == []
    page.goto(odd.url + "search/?q=pwned")
    page.locator("#search .pf-result").first.wait_for()
    assert overflowing(page) == []


def test_wide_parts_of_a_note_scroll_by_themselves_and_can_be_reached_by_keyboard(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/plain-2024-first-light/", viewport={"width": 320, "height": 800})
    cut = page.evaluate("""() => [...document.querySelectorAll(".note *")]
        .filter((node) => node.scrollWidth > node.clientWidth + 1 && node.clientWidth)
        .filter((node) => !["auto", "scroll"].includes(getComputedStyle(node).overflowX))
        .filter((node) => !node.closest("table, math")).map((node) => node.outerHTML.slice(0, 80))""")
    assert cut == []


def test_hostile_words_are_shown_as_text(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/hostile-2020/")
    assert page.locator("h1").inner_text() == HOSTILE
    text = page.locator("main").inner_text()
    assert text.count(HOSTILE) >= 5  # title, author, note, venue, organization, tag, curator
    for words in (
        "[a link](javascript:window.__pwned=1)",
        "{{ 7*7 }}",
        '<svg onload="window.__pwned=1"></svg>',
        '" onmouseover="window.__pwned=1',
    ):
        assert words in text
    assert page.locator("main :is(script, img, svg, iframe, object, embed)").count() == 0
    assert page.locator("a[href^='javascript' i], main [onmouseover], main [onerror]").count() == 0

    page.goto(odd.url)
    page.goto(odd.url + "page/1/")
    for place in ("authors/", "tags/", "venues/", "organizations/", "curators/", "search/?q=pwned"):
        page.goto(odd.url + place)
        page.locator("main").get_by_text("<script>window.__pwned=1</script>").first.wait_for()
        assert page.evaluate("window.__pwned") is None, place


def test_a_card_shows_the_first_authors_and_holds_all_names(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    card = page.locator(".card", has_text="Fifty people sort one marmot")
    assert card.locator(".authors > bdi:visible").all_inner_texts() == NAMES[:3]
    more = card.get_by_text("and 47 more")
    assert more.is_visible()
    assert not card.get_by_text(NAMES[3], exact=True).is_visible()
    text = card.locator(".authors").text_content() or ""
    assert [name for name in NAMES if name not in text] == []
    more.focus()
    page.keyboard.press("Enter")
    assert card.get_by_text(NAMES[49], exact=True).is_visible()

    page.goto(odd.url + "author-counts/4/")  # "and 1 more" would be as long as the name
    assert page.locator(".authors > bdi:visible").all_inner_texts() == ["A One", "B Two", "C Three", "D Four"]
    assert page.locator(".authors details").count() == 0


def test_a_card_shows_what_is_known_of_a_paper(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    card = page.locator(".card").first
    facts = card.locator(".facts").inner_text()
    for fact in (
        "15 March 2024",
        "Quokka Society",
        "University of Rottnest",
        "Quokka Labs",
        "3 authors",
        "12 comments",
    ):
        assert fact in facts
    assert card.locator(".tag").all_inner_texts() == ["navigation", "marmots", "C++"]
    assert card.locator(".out").all_inner_texts() == ["arXiv", "DOI", "PDF", "Code"]
    assert card.get_by_role("link", name="Read on").get_attribute("href") == "/papers/plain-2024-first-light/"
    assert "1 comment" in page.locator(".card", has_text="Fifty people").locator(".facts").inner_text().split("\n")


DATES = {
    "plain-2024-first-light": ("15 March 2024", "2024-03-15", "/dates/2024/03/15/"),
    "math-2023-marmots": ("May 2023", "2023-05", "/dates/2023/05/"),
    "arabic-2022": ("2022", "2022", "/dates/2022/"),
}


@pytest.mark.parametrize("name", DATES)
def test_a_date_is_shown_at_its_precision(name: str, odd: Server, visit: Visit) -> None:
    words, machine, place = DATES[name]
    page = visit(f"{odd.url}papers/{name}/")
    time = page.locator(".about time").first
    assert (time.inner_text(), time.get_attribute("datetime")) == (words, machine)
    assert time.locator("xpath=..").get_attribute("href") == place
    page.goto(odd.url)
    card = page.locator(f".card:has(h3 a[href='/papers/{name}/'])")
    assert (card.locator("time").inner_text(), card.locator("time").get_attribute("datetime")) == (words, machine)


def test_a_paper_without_a_date_says_so(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/undated-thoughts/")
    page.locator("main").get_by_role("link", name="undated").click()
    assert page.url == odd.url + "dates/undated/"
    assert page.locator(".card .facts").inner_text().startswith("undated")


LANGUAGES = {"arabic-2022": ("ar", "rtl", ARABIC), "japanese-2015": ("ja", "ltr", JAPANESE)}


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_paper_in_another_language_is_marked_as_such_and_the_words_around_it_are_not(
    name: str, odd: Server, visit: Visit
) -> None:
    language, direction, title = LANGUAGES[name]
    page = visit(f"{odd.url}papers/{name}/")
    for part in (page.locator("h1"), page.locator(".note > div")):
        assert (part.get_attribute("lang"), part.get_attribute("dir")) == (language, direction)
    assert page.locator("h1").inner_text() == title
    nearest = "node => [node.closest('[lang]').lang, getComputedStyle(node).direction]"
    for words in ("About this paper", "Why it is on the list", "Added"):
        assert page.get_by_text(words, exact=True).evaluate(nearest) == ["en", "ltr"]

    page.goto(odd.url + ("" if name.startswith("arabic") else "page/1/"))
    card = page.locator(".card", has_text=title)
    for part in (card.locator("h3"), card.locator(".summary")):
        assert part.evaluate(nearest) == [language, direction]
    assert card.locator(".facts").evaluate(nearest) == ["en", "ltr"]


def test_a_paper_that_should_not_be_relied_on_says_so_first(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/retracted-2019/")
    assert "This paper was retracted." in page.get_by_role("note").inner_text()
    page.goto(odd.url + "papers/superseded-2018/")
    page.get_by_role("note").get_by_role("link", name="First light on quokka navigation", exact=True).click()
    assert page.url == odd.url + "papers/plain-2024-first-light/"
    page.goto(odd.url + "tags/marmots/")
    assert page.locator(".card", has_text="never were").locator(".mark").inner_text() == "Retracted"


def test_math_is_drawn_and_read_as_math(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/math-2023-marmots/")
    assert page.locator("h1 math").count() == 1
    box = page.locator("h1 math").bounding_box()
    assert box and box["width"] > 20 and box["height"] > 10
    assert "$" not in page.locator("h1").inner_text()
    assert "$" not in page.title()


@pytest.mark.parametrize("old", ["papers/dim-light/", "tags/orientation/", "tags/wayfinding/"])
def test_an_old_address_leads_to_the_new_one(old: str, odd: Server, visit: Visit, below: Server) -> None:
    new = "papers/superseded-2018/" if old.startswith("papers") else "tags/navigation/"
    for server in (odd, below):
        page = visit(server.url + old)
        page.wait_for_url(server.url + new)
        assert page.locator("h1").is_visible()


def test_a_missing_page_offers_ways_on(odd: Server, visit: Visit, watch: Watch) -> None:
    watch.missing = {odd.url + "no/such/page"}
    page = visit(odd.url + "no/such/page")
    assert page.locator("h1").inner_text() == "Page not found"
    page.get_by_role("searchbox").fill("quokka")
    page.keyboard.press("Enter")
    page.wait_for_url(odd.url + "search/?q=quokka")
    page.locator("#search .pf-result").first.wait_for()


class Links(HTMLParser):
    """Collects what a page links to and what it loads."""

    def __init__(self, url: str):
        super().__init__()
        self.url = url
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src") and value and not (tag == "link" and ("rel", "canonical") in attrs):
                self.found.add(urldefrag(urljoin(self.url, value))[0])


@pytest.mark.parametrize("base", ["odd", "below", "unindexed"])
def test_every_paper_can_be_reached_by_links_from_home_and_no_link_is_dead(
    base: str, request: pytest.FixtureRequest
) -> None:
    server: Server = request.getfixturevalue(base)
    todo, seen = [server.url], {server.url}
    while todo:
        url = todo.pop()
        with urlopen(url) as answer:  # an HTTPError when there is nothing
            text = answer.read()
            if not answer.headers["Content-Type"].startswith("text/html"):
                continue
        links = Links(url)
        links.feed(text.decode())
        own = {link for link in links.found if link.startswith("http://127.0.0.1:")}
        assert [link for link in own if not link.startswith(server.url)] == [], f"{url} leaves the site's base path"
        todo += own - seen
        seen |= own
    assert {f"{server.url}papers/{name}/" for name in PAPERS} <= seen


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_works_without_javascript(kind: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + KINDS[kind][1:], java_script_enabled=False)
    assert page.locator("main").inner_text().strip()
    assert page.locator("nav[aria-label=Site] a").count() > 5
    # What cannot work is not offered.
    assert not page.locator("#colours").is_visible()


def test_the_search_page_explains_itself_without_javascript(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "search/?q=quokka", java_script_enabled=False)
    note = page.locator("main .banner", has_text="Searching needs JavaScript")
    lists = page.locator("main").get_by_role("link", name="Archive")
    assert note.is_visible()
    above, below = note.bounding_box(), lists.bounding_box()
    assert above and below and below["y"] - above["y"] < 150  # the lists follow at once, not below an empty space
    lists.click()
    page.locator("main").get_by_role("link", name="2024").first.click()
    page.get_by_role("link", name="First light on quokka navigation", exact=True).click()
    assert page.url == odd.url + "papers/plain-2024-first-light/"


@pytest.mark.parametrize("colours", ["light", "dark"])
def test_a_printed_page_has_no_chrome_and_dark_words(colours: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/plain-2024-first-light/", color_scheme="light")
    page.evaluate("(colours) => localStorage.setItem('colours', colours)", colours)
    for kind in ("paper", "tag", "year", "superseded", "page"):
        page.goto(odd.url + KINDS[kind][1:])
        page.emulate_media(media="print")
        assert page.locator("h1").is_visible()
        assert page.locator(":is(.masthead, .colophon, .skip, nav, button, form, #colours):visible").count() == 0
        light = page.evaluate("""() => [...document.querySelectorAll("main *")]
            .filter((node) => node.checkVisibility())
            .map((node) => [node.tagName, ...getComputedStyle(node).color.match(/[0-9.]+/g).map(Number)])
            .filter(([_, r, g, b]) => (r + g + b) / 3 > 130)""")
        assert light == []
        page.emulate_media(media="screen")


def test_images_are_loaded_and_fit(odd: Server, below: Server, visit: Visit) -> None:
    for server in (odd, below):
        page = visit(server.url + "papers/image-2017/", viewport={"width": 320, "height": 800})
        picture = page.get_by_role("img", name="Grey all over")
        assert picture.evaluate("node => node.decode().then(() => [node.naturalWidth, node.clientWidth <= 280])") == [
            1600,
            True,
        ]


def test_links_outward_give_nothing_away(odd: Server, visit: Visit) -> None:
    page = visit(odd.url)
    for kind in ("home", "paper", "tag", "author"):
        page.goto(odd.url + KINDS[kind][1:])
        outward = page.evaluate("""() => [...document.querySelectorAll("a[href]")]
            .filter((node) => node.origin !== location.origin)
            .map((node) => [node.protocol, ...[...node.relList].sort()].join(" "))""")
        assert set(outward) <= {"https: noopener noreferrer"}
    assert page.locator("h1").inner_text() == "Papers by Ada Lovelace"


def test_the_longest_title_is_whole(odd: Server, visit: Visit) -> None:
    page = visit(odd.url + "papers/long-2021/", viewport={"width": 320, "height": 800})
    assert " ".join(page.locator("h1").inner_text().split()) == LONG
