"""What the author of a theme may rely on: falling back, messages with a line, and docs/themes.md, which is checked word by word."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jinja2
import pytest

from site_gen import contexts
from site_gen.build import Build, make_plan, read_inputs
from site_gen.contexts import Context, Plan
from site_gen.exports import WRITERS
from site_gen.themes import Renderer, default_theme, find_theme
from tests import six_papers
from tests.accidents import forbidden
from tests.sites import Site, paper

GUIDE = (Path(__file__).resolve().parent.parent / "docs/themes.md").read_text("utf-8")
MakeSite = Callable[..., Site]


@pytest.fixture
def own(site: MakeSite) -> Site:
    """A site of two papers with a theme of its own that has nothing in it yet."""
    made = site(
        {
            "site.yml": "title: A list\ntheme: own\n",
            "content/papers/a.md": paper("About $x$", added="2024-01-02", extra={"colour": "red"}),
            "content/papers/b.md": paper("About y", "One.\n\nTwo.", tags=["t"]),
            "themes/own/notes.txt": "",
        }
    )
    return made


def problem(done: Build) -> tuple[str, str, str]:
    """Return place, message and help of the one problem of a build."""
    assert not done.ok and len(done.problems) == 1, done.problems
    found = done.problems[0]
    return str(found.location), found.message, found.hint


# --- Falling back -------------------------------------------------------------------------------------------------------


def test_an_empty_theme_is_the_default_theme(own: Site, tmp_path: Path) -> None:
    assert own.build().ok
    own.write("site.yml", "title: A list\n")
    assert own.build(output=tmp_path / "default").ok
    for path, data in own.files().items():
        assert (tmp_path / "default" / path).read_bytes() == data


def test_a_template_of_its_own_takes_the_place_of_one_and_the_rest_falls_back(own: Site) -> None:
    own.build()
    before = own.files()
    own.write("themes/own/templates/search.html.j2", '{% extends "base.html.j2" %}{% block main %}Seek{% endblock %}')
    assert own.build().written == ("search/index.html",)
    assert "Seek" in own.text("search/index.html") and "<header" in own.text("search/index.html")
    assert {path: data for path, data in own.files().items() if path != "search/index.html"} == {
        path: data for path, data in before.items() if path != "search/index.html"
    }


def test_a_template_can_extend_the_one_it_replaces(own: Site) -> None:
    own.write(
        "themes/own/templates/base.html.j2",
        '{% extends "default/base.html.j2" %}{% block head %}<!-- own -->{% endblock %}',
    )
    assert own.build().ok
    assert "<!-- own -->" in own.text("index.html") and "<header" in own.text("index.html")
    own.remove("themes/own/templates/base.html.j2")
    own.build()
    assert "<!-- own -->" not in own.text("index.html")


def test_a_theme_called_default_in_the_site_extends_the_one_that_comes_with_the_tool(own: Site) -> None:
    own.write("site.yml", "title: A list\n")
    own.write(
        "themes/default/templates/404.html.j2",
        '{% extends "default/404.html.j2" %}{% block title %}Nothing{% endblock %}',
    )
    assert own.build().ok
    assert "<title>Nothing</title>" in own.text("404.html") and "<h1>Page not found</h1>" in own.text("404.html")


def test_a_template_for_what_programs_read_is_not_used(own: Site, tmp_path: Path) -> None:
    own.write("site.yml", "title: A list\ntheme: own\nbase_url: https://list.example/\n")
    assert own.build().ok
    before = own.files()
    for name in ("feed.xml", "papers.json", "bibtex", "llms.txt"):
        own.write(f"themes/own/templates/{name}.j2", "{{ page.items | timestamp }}")
    done = own.build()
    assert (done.ok, done.written, own.files()) == (True, (), before)


def test_an_asset_replaces_the_one_of_its_name_and_others_are_added(own: Site) -> None:
    own.write("themes/own/assets/site.css", "body {}")
    own.write("themes/own/assets/fonts/own.woff2", b"\0\1")
    own.write("themes/own/assets/.hidden", "")
    assert own.build().ok
    files = own.files()
    assert files["assets/site.css"] == b"body {}" and files["assets/fonts/own.woff2"] == b"\0\1"
    assert "assets/site.js" in files and "assets/.hidden" not in files


@pytest.mark.parametrize(
    ("name", "hint"),
    [("onw", "did you mean  theme: own  ?"), ("zzz", "the themes are default, own")],
    ids=["near", "far"],
)
def test_a_theme_that_is_not_there_is_named_with_the_nearest(name: str, hint: str, own: Site) -> None:
    own.write("site.yml", f"title: A list\ntheme: {name}\n")
    assert problem(own.build()) == ("site.yml", f"there is no folder themes/{name}/", hint)


def test_symbolic_links_in_a_theme_are_not_followed(own: Site, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    for folder in ("templates", "assets"):
        (own.root / "themes/own" / folder).mkdir()
    (own.root / "themes/own/templates/card.html.j2").symlink_to(tmp_path / "secret")
    (own.root / "themes/own/assets/secret.txt").symlink_to(tmp_path / "secret")
    done = own.build()
    assert not done.ok and {found.code for found in done.problems} == {"not-a-file"}
    assert {found.location.path for found in done.problems} == {
        "themes/own/templates/card.html.j2",
        "themes/own/assets/secret.txt",
    }


@pytest.mark.parametrize("folder", ["themes", "themes/own", "themes/own/templates", "themes/own/assets"])
def test_a_folder_of_a_theme_that_cannot_be_read_is_reported_and_nothing_falls_back(folder: str, own: Site) -> None:
    own.write("themes/own/templates/card.html.j2", "mine")
    own.write("themes/own/assets/mine.css", "")
    with forbidden(own.root / folder):
        for done in (own.build(), own.check()):
            assert problem(done)[:2] == (folder, "this folder cannot be read: Permission denied")
            assert done.problems[0].code == "unreadable"


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="file systems there have no such names")
@pytest.mark.parametrize("name", [b"a\\b.css", b"a:b.css", b"con.css", b"folder./a.css", b"a\xff.css"])
def test_an_asset_has_a_name_that_every_system_can_hold(name: bytes, own: Site) -> None:
    path = os.fsencode(own.root / "themes/own/assets") + b"/" + name
    os.makedirs(os.path.dirname(path))
    with open(path, "w"):
        pass
    done = own.build()
    assert problem(done)[0] == "themes/own/assets/" + name.decode(errors="replace")
    assert done.problems[0].code == "bad-name"


def test_what_is_hidden_in_a_theme_is_passed_over(own: Site) -> None:
    own.write("themes/own/assets/.DS_Store", "")
    own.write("themes/own/templates/.git/card.html.j2", "mine")
    (own.root / "themes/own/templates/.#card.html.j2").symlink_to("who@where.1234")  # the lock of an editor
    assert own.build().ok
    assert not [path for path in own.files() if "/." in path]


@pytest.mark.parametrize("place", ["themes/own", "themes"])
def test_a_theme_is_not_looked_for_behind_a_link(place: str, own: Site, tmp_path: Path) -> None:
    (own.root / place).rename(tmp_path / "elsewhere")
    (own.root / place).symlink_to(tmp_path / "elsewhere")
    (found,) = own.build().problems
    assert (found.code, found.location.path) == ("not-a-file", place)


def test_templates_of_one_name_in_two_folders_are_two(own: Site) -> None:
    own.write("themes/own/templates/parts/a.html.j2", "first")
    own.write("themes/own/templates/others/a.html.j2", "second")
    own.write("themes/own/templates/404.html.j2", '{% include "parts/a.html.j2" %} {% include "others/a.html.j2" %}')
    assert own.build().ok
    assert own.text("404.html") == "first second"


# --- Messages -----------------------------------------------------------------------------------------------------------

MISTAKES = {
    "a name that is not there": ("<p>\n{{ page.titel }}\n", ":2", "has no attribute 'titel'"),
    "a global that is not there": ("\n\n{{ papers }}", ":3", "'papers' is undefined"),
    "an unclosed block": ("{% if page %}\n\n", ":1", "Unexpected end of template"),
    "an unknown filter": ("\n{{ page.title | uper }}", ":2", "No filter named 'uper'"),
    "a filter that is not pure": ("\n{{ [1, 2] | random }}", ":2", "No filter named 'random'"),
    "a function that is not pure": ("\n{{ lipsum() }}", ":2", "'lipsum' is undefined"),
    "a failing call": ("\n\n\n{{ 1 // 0 }}", ":4", "ZeroDivisionError"),
    "a filter that is given something else": ("\n{{ page | date }}", ":2", "AttributeError"),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_a_mistake_in_a_template_has_a_place(what: str, own: Site) -> None:
    source, line, message = MISTAKES[what]
    own.write("themes/own/templates/search.html.j2", source)
    place, said, _ = problem(own.build())
    assert place == f"themes/own/templates/search.html.j2{line}"
    assert message in said


def test_a_mistake_in_what_is_included_is_placed_there(own: Site) -> None:
    own.write("themes/own/templates/search.html.j2", '{% include "part.html.j2" %}')
    own.write("themes/own/templates/part.html.j2", "\n{{ page.nothing }}")
    place, said, _ = problem(own.build())
    assert place == "themes/own/templates/part.html.j2:2"
    assert "/search/" in said


def test_a_mistake_in_a_card_is_one_problem_however_many_lists_show_it(own: Site) -> None:
    own.write("themes/own/templates/card.html.j2", "\n{{ entry.body }}")
    done = own.build()
    assert {str(found.location) for found in done.problems} == {"themes/own/templates/card.html.j2:2"}
    assert len(done.problems) <= 20
    assert "docs/themes.md" in done.problems[0].hint


@pytest.mark.parametrize(
    "how", ["include page.title", "import page.title as m", "extends page.title", "from page.title import m"]
)
def test_a_template_that_is_chosen_by_a_value_is_refused(how: str, own: Site) -> None:
    own.write("themes/own/templates/search.html.j2", f"\n\n{{% {how} %}}")
    place, said, hint = problem(own.build())
    assert place == "themes/own/templates/search.html.j2:3"
    assert "by a name that is not written out" in said and "in quotes" in hint


def test_a_template_that_is_not_there_is_named_with_the_nearest(own: Site) -> None:
    own.write("themes/own/templates/search.html.j2", '\n{% extends "bass.html.j2" %}')
    assert problem(own.build()) == (
        "themes/own/templates/search.html.j2:2",
        "there is no template bass.html.j2",
        "did you mean base.html.j2?",
    )


# --- Purity -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        "{% for entry in page.entries %}{{ entry | card }}{% endfor %}",
        "{{ page.entries | map('card') | join }}",
        "{% for entry in page.entries %}{% filter card %}{% endfilter %}{% endfor %}",
        "{% set name = 'card' %}{{ page.entries | map(name) | join }}",
        "{{ page.entries | map(*['card']) | join }}",
        "{{ [page.entries] | map('map', 'card') | map('join') | join }}",
        "{% set name = 'card' %}{{ [page.entries] | map('map', name) | map('join') | join }}",
        '{% from "part.html.j2" import all %}{{ all(page.entries) }}',
    ],
    ids=["filter", "map", "block", "a name in a variable", "unpacked", "map of map", "map of a variable", "macro"],
)
def test_pages_that_show_cards_follow_the_card(source: str, own: Site) -> None:
    theme, problems = find_theme(own.root, "own")
    assert theme and not problems
    texts = {
        "home.html.j2": source,
        "part.html.j2": "{% macro all(entries) %}{{ entries | map('card') | join }}{% endmacro %}",
    }
    digests = []
    for card in ("one", "two"):
        own.write("themes/own/templates/card.html.j2", card)
        for name, text in texts.items():
            own.write(f"themes/own/templates/{name}", text)
        theme, _ = find_theme(own.root, "own")
        assert theme
        found, problems = Renderer(theme, plan(own).site).digests()
        assert not problems
        digests.append(found)
    assert digests[0]["home.html.j2"] != digests[1]["home.html.j2"]
    assert digests[0]["robots.txt.j2"] == digests[1]["robots.txt.j2"]


def test_what_a_macro_file_sets_does_not_reach_the_next_page(own: Site) -> None:
    counting = "{% set all = namespace(count=0) %}{% macro next() %}{% set all.count = all.count + 1 %}{{ all.count }}{% endmacro %}"
    own.write("themes/own/templates/counting.html.j2", counting)
    own.write("themes/own/templates/card.html.j2", '{% from "counting.html.j2" import next %}{{ next() }}{{ next() }}')
    for name in ("paper", "home"):
        text = '{% from "counting.html.j2" import next %}[{{ next() }}{{ next() }}] {{ next() }}'
        own.write(
            f"themes/own/templates/{name}.html.j2",
            text + (" {{ page.entries | map('card') | join(',') }}" * (name == "home")),
        )
    assert own.build().ok
    assert own.text("papers/a/index.html") == own.text("papers/b/index.html") == "[12] 3"
    assert own.text("index.html") == "[12] 3 12,12"


def test_content_is_no_template_and_is_escaped(own: Site) -> None:
    own.write(
        "content/papers/a.md",
        paper("{{ 7*7 }} <b>", "{% include 'base.html.j2' %} {{ site }}", extra={"colour": "<i>"}),
    )
    own.write(
        "themes/own/templates/paper.html.j2",
        "{{ page.title }}|{{ page.body | markdown }}|{{ page.extra | get('colour') }}",
    )
    own.write("themes/own/templates/home.html.j2", "")
    assert own.build().ok
    assert own.text("papers/a/index.html") == (
        "{{ 7*7 }} &lt;b&gt;|<p>{% include 'base.html.j2' %} {{ site }}</p>\n|&lt;i&gt;"
    )


# --- docs/themes.md ---------------------------------------------------------------------------------------------------

# What is written by code, so that no template sees it.
FOR_PROGRAMS = {
    contexts.FeedContext,
    contexts.OutlineContext,
    contexts.CitationsContext,
    contexts.PapersContext,
    contexts.OverviewContext,
}


def reached(kind: Any) -> Iterator[type]:
    """Yield a class of values, and those of all that is in its fields."""
    for part in get_args(kind):
        yield from reached(part)
    if is_dataclass(kind) and isinstance(kind, type):
        yield kind
        for hint in get_type_hints(kind).values():
            yield from reached(hint)


VALUES: dict[str, type] = {
    made.__name__: made
    for root in vars(contexts).values()
    if isinstance(root, type) and issubclass(root, (contexts.Site, Context)) and root not in FOR_PROGRAMS
    for made in reached(root)
}


def words(kind: Any) -> str:
    """Say what a field is as the guide does."""
    plain = {
        str: "text",
        int: "number",
        bool: "true or false",
        date: "day",
        type(None): "none",
        tuple[Any, ...]: "pairs",
        tuple[tuple[str, str], ...]: "pairs",
    }
    if kind in plain:
        return plain[kind]
    parts = get_args(kind)
    if len(parts) == 2 and parts[1] is Ellipsis:
        return f"list of {words(parts[0])}"
    return " or ".join(map(words, parts)) if parts else str(kind.__name__)


def section(title: str) -> str:
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#+ |\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    assert found, f"docs/themes.md has no section {title}"
    return found[2]


def table(text: str) -> list[list[str]]:
    """Return the cells of a table, without its head; the first one without its backquotes."""
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in text.split("\n")
        if line.startswith("|")
    ]
    return [[row[0].strip("`"), *row[1:]] for row in rows[2:]]


@pytest.mark.parametrize("name", VALUES)
def test_the_guide_has_each_field_in_order_with_what_it_is(name: str) -> None:
    inherited = (
        {field.name for field in fields(Context)} if name != "Context" and issubclass(VALUES[name], Context) else set()
    )
    hints = get_type_hints(VALUES[name])
    expected = [[field.name, words(hints[field.name])] for field in fields(VALUES[name]) if field.name not in inherited]
    found = table(section(name))
    assert [row[:2] for row in found] == expected
    assert all(row[2] for row in found)


def test_the_guide_has_no_section_of_a_value_that_is_not_there() -> None:
    assert set(re.findall(r"^### (.+)$", GUIDE, re.MULTILINE)) == VALUES.keys()


def plan(site: Site) -> Plan:
    inputs, _ = read_inputs(site.options())
    assert inputs
    return make_plan(inputs, site.options(), {})[0]


def test_the_guide_names_the_context_of_each_template(site: MakeSite) -> None:
    made = plan(site(six_papers.FILES))
    used = {page.template: type(page.context).__name__ for page in made.pages if page.template.endswith(".j2")}
    written = {page.template: type(page.context) for page in made.pages if not page.template.endswith(".j2")}
    assert written.keys() == WRITERS.keys() and {*written.values()} == {*FOR_PROGRAMS, Context}
    found = {row[0]: row[1].strip("`") for row in table(section("What a template sees"))}
    assert found == used
    rest = {path.name for path in (default_theme() / "templates").glob("*.j2")} - found.keys()
    assert rest == {"base.html.j2", "macros.html.j2", "card.html.j2", "cards.html.j2"}
    for name in rest:
        assert f"`{name}`" in section("What a template sees")
    blocks = re.findall(r"{% block (\w+)", (default_theme() / "templates/base.html.j2").read_text())
    assert re.search("blocks\nare " + ", ".join(f"`{name}`" for name in blocks[:-1]) + f" and `{blocks[-1]}`", GUIDE), (
        blocks
    )


def test_the_guide_names_the_filters(own: Site) -> None:
    theme, _ = find_theme(own.root, "own")
    assert theme
    environment = Renderer(theme, plan(own).site).environment
    plain = jinja2.Environment(autoescape=True)
    assert environment.filters.keys() - plain.filters.keys() == {
        name for row in table(section("Filters")) for name in re.split("`, `", row[0])
    }
    assert plain.filters.keys() - environment.filters.keys() == {"random"}
    assert environment.globals.keys() - plain.globals.keys() == {"site"}
    for name in (*(plain.globals.keys() - environment.globals.keys()), "random"):
        assert f"`{name}`" in GUIDE


def test_the_walk_through_works(site: MakeSite) -> None:
    files = dict(re.findall(r"^`([\w./-]+)`:\n\n```\w+\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
    assert len(files) == 4
    made = site({**files, "content/papers/a.md": paper("About $x$", date="2025-09", added="2025-10-01")})
    done = made.build()
    assert (done.ok, done.problems) == (True, ())
    home = made.text("index.html")
    assert '<link rel="stylesheet" href="/assets/mine.css">' in home
    assert "Kindly supported by a sponsor." in home and "Kindly" in made.text("papers/a/index.html")
    assert '<time datetime="2025-09">September 2025</time>\n<h3 dir="auto"><a href="/papers/a/">About <math' in home
    assert home.index("/assets/site.css") < home.index("/assets/mine.css")
    assert '<script type="module" src="/assets/search.js">' in made.text("search/index.html")
