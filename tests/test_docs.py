"""Do the docs tell the truth? Tables are held against the code, and examples against what it says to them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path

import pytest

from site_gen import config, papers, sources, vocabulary
from site_gen.fields import LONG, Field
from site_gen.problems import CODES, report
from site_gen.text import MAX_SLUG, RESERVED
from site_gen.yaml_text import MAX_DEPTH
from tests.sites import CONFIG, Site, paper

DOCS = Path(__file__).parent.parent / "docs"
PROBLEMS, MODEL, SETTINGS = (
    (DOCS / f"{name}.md").read_text("utf-8") for name in ("problems", "content-model", "configuration")
)


def sections(text: str) -> dict[str, str]:
    """Return the text below each heading of the second level."""
    return {part.split("\n", 1)[0]: part.split("\n", 1)[1] for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]}


def table(text: str, heading: str) -> dict[str, str]:
    """Return the first table of a section: its first column, in backticks, and the rest of the row."""
    rows = re.findall(r"^\| `([^`]+)` \|(.*)\|$", sections(text)[heading], re.MULTILINE)
    return dict(rows)


# --- Problems

SECTIONS = sections(PROBLEMS)


def test_every_code_has_a_section_in_the_order_of_the_alphabet() -> None:
    by_severity = {kind: sorted(code for code in CODES if CODES[code][0] == kind) for kind in ("error", "warning")}
    assert list(SECTIONS) == [*by_severity["error"], *by_severity["warning"]]


@pytest.mark.parametrize("code", CODES)
def test_a_section_says_how_grave_it_is_what_it_means_and_how_to_mend_it(code: str) -> None:
    text = SECTIONS[code].strip()
    assert text.startswith(f"{CODES[code][0].capitalize()}: ")
    assert "```" in text and re.search(r"^Mend it: \S", text, re.MULTILINE)


def front(example: str, code: str) -> str:
    """Return a paper file with an example in its front matter."""
    lines = [example]
    if "title:" not in example:
        lines.insert(0, "title: A title")
    if "added:" not in example and code != "missing-added":
        lines.append("added: 2024-01-01")
    return "\n".join(["---", *lines, "---", ""])


EXAMPLES = [
    (code, language, example)
    for code, text in SECTIONS.items()
    for language, example in re.findall(r"^```(yaml|markdown)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL)
]


@pytest.mark.parametrize(("code", "language", "example"), EXAMPLES, ids=[code for code, _, _ in EXAMPLES])
def test_the_example_causes_the_problem(code: str, language: str, example: str, site: Callable[..., Site]) -> None:
    made = site({"content/tags.yml": "preference optimization:\n" if code == "unknown-tag" else "honesty:\nsurvey:\n"})
    if language == "markdown":
        whole = code == "bad-front-matter"
        made.write("content/papers/b.md", example if whole else front("", code) + example)
    elif code in ("bad-config", "theme-missing"):
        made.write("site.yml", CONFIG.replace("base_url: https://list.example/\n", "") + example)
    elif code == "vocabulary-clash":
        made.write("content/tags.yml", example)
    else:
        made.write("content/papers/b.md", front(example, code))
        made.write("content/papers/a.md", paper())
    problems = made.check().problems
    assert code in {problem.code for problem in problems}, report(problems, "text")


# --- Content model and configuration


def documented(table: dict[str, str], code: Sequence[Field]) -> None:
    assert list(table) == [field.name for field in code]
    for field in code:
        assert ("required" in table[field.name]) == field.required, field.name


def test_every_field_of_a_paper_is_documented_in_its_order() -> None:
    documented(table(MODEL, "A paper"), papers.FIELDS)


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("A person", papers.PERSON),
        ("A venue", papers.VENUE),
        ("A discussion", papers.DISCUSSION),
        ("A page of prose", papers.CONTENT_PAGE),
        ("A tag", vocabulary.TAG),
        ("People", vocabulary.PERSON),
    ],
)
def test_every_field_of_a_mapping_is_documented_in_its_order(heading: str, code: Sequence[Field]) -> None:
    documented(table(MODEL, heading), code)


def test_choices_are_documented() -> None:
    documented = {
        "Links": papers.LINKS,
        "A venue": papers.VENUE_TYPES,
        "Status": papers.STATUSES,
        "Citations": papers.ENTRY_TYPES,
    }
    for heading, choices in documented.items():
        assert all(f"`{choice}`" in sections(MODEL)[heading] for choice in choices), heading


def test_every_setting_is_documented_in_its_order_with_its_default() -> None:
    rows = table(SETTINGS, "The keys")
    documented(rows, config.FIELDS)
    for field in fields(config.Config):
        if field.default not in ("", ()) and field.name != "title":
            assert f"`{field.default}`" in rows[field.name], field.name


def test_limits_are_documented() -> None:
    limits = {
        "Reading rules": [sources.MAX_FRONT, sources.MAX_BODY],
        "Images": [sources.MAX_IMAGE],
        "Files that are copied": [sources.MAX_STATIC],
        "A tag": [sources.MAX_VOCABULARY],
    }
    for heading, sizes in limits.items():
        for size in sizes:
            shown = f"{size >> 20} MB" if size >= 1 << 20 else f"{size >> 10} KB"
            assert shown in sections(MODEL)[heading], (heading, shown)
    assert f"{MAX_DEPTH} levels" in sections(MODEL)["Reading rules"]
    assert f"{LONG:,} characters" in SECTIONS["very-long"]
    assert f"{MAX_SLUG} bytes" in sections(MODEL)["Addresses of terms"]
    assert {"index", "feed", "404", "pagefind", "search"} <= RESERVED


@pytest.mark.parametrize("text", [MODEL, SETTINGS], ids=["content model", "configuration"])
def test_the_examples_in_the_docs_are_valid(text: str, site: Callable[..., Site]) -> None:
    """Markdown blocks are paper files or pages, YAML blocks are named by a comment on their first line."""
    made = site()
    for language, example in re.findall(r"^```(yaml|markdown)\n(.*?)\n```$", text, re.MULTILINE | re.DOTALL):
        named = re.match(r"# (\S+)\n", example)
        assert named or language == "markdown", "the first line names the file"
        path = named.group(1) if named else "content/papers/lovelace-1843-notes.md"
        made.write(path, example[named.end() :] if named else example)
    problems = made.check().problems
    assert problems == (), report(problems, "text")


@pytest.mark.parametrize("name", ["problems", "content-model", "configuration"])
def test_links_between_the_docs_lead_somewhere(name: str) -> None:
    text = re.sub(r"(?s)^```.*?^```$|`[^`\n]+`", "", (DOCS / f"{name}.md").read_text("utf-8"), flags=re.MULTILINE)
    headings = {re.sub(r"\W+", "-", heading.casefold()): heading for heading in sections(MODEL)}
    for target, fragment in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", text):
        assert not target or (DOCS / target).is_file(), target
        assert not fragment or fragment in headings, fragment
