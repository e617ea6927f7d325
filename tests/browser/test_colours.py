"""Claims about light and dark: the system's unless the reader has chosen, and never the wrong one first."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.odd_site import KINDS
from tests.browser.server import Server

pytestmark = pytest.mark.browser

BACKGROUND = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(252, 251, 248)", "rgb(22, 24, 24)"


def background(page: Page) -> str:
    found: str = page.evaluate(BACKGROUND)
    return found


@pytest.mark.parametrize(("system", "colour"), [("light", LIGHT), ("dark", DARK)])
def test_without_a_choice_the_system_decides(system: str, colour: str, odd: Server, visit: Visit) -> None:
    page = visit(odd.url, color_scheme=system)
    assert background(page) == colour
    page.emulate_media(color_scheme="dark" if system == "light" else "light")
    assert {colour, background(page)} == {LIGHT, DARK}


def test_without_javascript_the_system_decides(odd: Server, visit: Visit) -> None:
    page = visit(odd.url, color_scheme="dark", java_script_enabled=False)
    assert page.locator("body").evaluate("(node) => getComputedStyle(node).backgroundColor") == DARK


@pytest.mark.parametrize(("system", "chosen"), [("light", "dark"), ("dark", "light")])
def test_a_choice_is_kept_on_other_pages_and_given_up_by_choosing_the_systems(
    system: str, chosen: str, odd: Server, visit: Visit
) -> None:
    colour = {"light": LIGHT, "dark": DARK}
    page = visit(odd.url, color_scheme=system)
    button = page.get_by_role("button", name=f"Switch to {chosen} colours")
    button.focus()
    page.keyboard.press("Enter")
    assert background(page) == colour[chosen]
    assert page.get_by_role("button", name=f"Switch to {system} colours").is_visible()

    for kind in ("paper", "search", "missing"):
        page.goto(odd.url + KINDS[kind][1:])
        assert background(page) == colour[chosen]
    # Also where the system changes its mind to it and back.
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert background(page) == colour[chosen]

    page.emulate_media(color_scheme=system)
    page.get_by_role("button", name=f"Switch to {system} colours").click()
    assert background(page) == colour[system]
    assert page.evaluate("localStorage.length") == 0
    page.emulate_media(color_scheme=chosen)
    assert background(page) == colour[chosen]


# What each of the first frames draws: whether the choice is known, and whether there is anything to be seen.
FRAMES = """window.drawn = [];
(function look() {
  requestAnimationFrame(() => {
    window.drawn.push([document.querySelector("header")?.checkVisibility({ visibilityProperty: true }),
      document.documentElement.dataset.colours ?? null,
      document.body && getComputedStyle(document.body).backgroundColor]);
    if (window.drawn.length < 20) look();
  });
})();"""
FIVE_FRAMES = (
    "new Promise((done) => (function look() { window.drawn.length > 5 ? done() : requestAnimationFrame(look); })())"
)
SCRIPT, STYLE = "/assets/colours.js", "/assets/site.css"


@pytest.mark.parametrize(("system", "chosen", "colour"), [("light", "dark", DARK), ("dark", "light", LIGHT)])
@pytest.mark.parametrize(("first", "second"), [(SCRIPT, STYLE), (STYLE, SCRIPT)], ids=["script first", "style first"])
def test_nothing_is_ever_drawn_in_colours_that_were_not_chosen(
    first: str, second: str, system: str, chosen: str, colour: str, odd: Server, visit: Visit
) -> None:
    page = visit(odd.url, FRAMES, color_scheme=system)
    page.evaluate("(chosen) => localStorage.setItem('colours', chosen)", chosen)
    with odd.order(first, second):
        for kind in ("home", "paper", "tag", "search", "missing"):
            page.goto(odd.url + KINDS[kind][1:])
            page.evaluate(FIVE_FRAMES)
            drawn = [frame for frame in page.evaluate("window.drawn") if frame[0]]
            assert drawn
            assert [frame for frame in drawn if frame[1:] != [chosen, colour]] == [], kind


@pytest.mark.parametrize("system", ["light", "dark"])
def test_a_page_is_shown_where_the_script_of_the_colours_does_not_arrive(
    system: str, odd: Server, visit: Visit
) -> None:
    page = visit(odd.url, color_scheme=system)
    page.context.route("**/colours.js", lambda route: route.abort())
    page.goto(odd.url + "tags/")
    page.evaluate("Promise.all(document.body.getAnimations().map((animation) => animation.finished))")
    assert page.locator("h1").evaluate("(node) => node.checkVisibility({ visibilityProperty: true })")
    assert background(page) == (LIGHT if system == "light" else DARK)


NO_STORAGE = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("switched off", "SecurityError"); },
});"""


def test_the_switch_works_where_storage_is_blocked(odd: Server, visit: Visit) -> None:
    page = visit(odd.url, NO_STORAGE, color_scheme="light")
    assert background(page) == LIGHT
    page.locator("#colours").click()
    assert background(page) == DARK
    page.goto(odd.url + "search/?q=quokka")
    page.locator("#search .pf-result").first.wait_for()
    assert background(page) == LIGHT


def test_nonsense_in_storage_is_not_believed(odd: Server, visit: Visit) -> None:
    page = visit(odd.url, color_scheme="dark")
    page.evaluate("localStorage.setItem('colours', 'url(https://elsewhere.example/)')")
    page.reload()
    assert background(page) == DARK
    assert page.evaluate("document.documentElement.dataset.colours") == ""
