"""What holds for any text at all: keys, slugs, summaries, YAML and whole files. None of them may raise."""

from __future__ import annotations

from html import escape
from unicodedata import category, normalize

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from site_gen import fields, papers
from site_gen.fingerprint import digest
from site_gen.library import TAXONOMIES, _slugs
from site_gen.markup import body_problems, inline_math, is_allowed, markdown, math, readable, summary
from site_gen.papers import Paper, read_content_page, read_paper
from site_gen.problems import CODES, Problem, as_text, report
from site_gen.sources import Source
from site_gen.text import (
    MAX_SLUG,
    RESERVED,
    collation,
    initial,
    key,
    plain,
    slug,
    split_math,
    with_suffix,
)
from site_gen.vocabulary import read_vocabulary
from site_gen.yaml_text import Document, read
from tests.sites import Elements

pytestmark = pytest.mark.smoke

# Texts that are nearly Markdown, nearly YAML or nearly math, and all others.
SIGNS = st.text(st.sampled_from("ab:# \n\t-[]{}()<>!*_`'\"\\$&%@|,.?/0é\u0301\u200b\u2028\U0001f600"), max_size=60)
ANY = SIGNS | st.text(max_size=60)
YAML = st.lists(
    st.tuples(st.sampled_from(["title", "authors", "date", "venue", "links", "x", "- a", " "]), ANY), max_size=6
).map(lambda pairs: "\n".join(f"{key}: {value}" for key, value in pairs))


def in_place(problems: list[Problem], source: Source, lines: list[str]) -> None:
    """Every problem has a known code and stands inside its file."""
    for problem in problems:
        assert problem.code in CODES and problem.location.path == source.path
        assert problem.location.line <= len(lines) + 1
        assert as_text(problem)


@given(ANY)
def test_a_slug_is_within_its_limits(value: str) -> None:
    made = slug(value)
    assert 0 < len(made.encode()) <= MAX_SLUG
    assert made == normalize("NFC", made) and made not in RESERVED
    assert all(char == "-" or category(char)[0] in "LMN" for char in made)
    assert category(made[0])[0] != "M"


@given(ANY)
@example("İ")
@example("ﬁ")
@example("ẞ")
def test_a_key_is_its_own_key(value: str) -> None:
    assert key(key(value)) == key(value) == key(normalize("NFD", value)) == key(f" {value}\t")


@given(ANY)
def test_names_with_one_key_have_one_slug(value: str) -> None:
    assert slug(key(value)) == slug(value) == slug(normalize("NFD", value))


@given(st.lists(st.text(st.sampled_from("aA+#&.- é\u0301"), max_size=4), max_size=12))
@example(["C++", "C#", "C", "c plus plus", "c++ ", "C--1"])
def test_no_two_keys_share_a_slug(names: list[str]) -> None:
    groups = {key(name): [(name, Paper(f"p{n}", "", "T"))] for n, name in enumerate(names) if key(name)}
    slugs = _slugs(TAXONOMIES[0], groups)
    assert len(set(slugs.values())) == len(groups)


def test_a_slug_with_a_suffix_does_not_meet_a_name_that_looks_like_it() -> None:
    names = ["c-sharp", "c#"]
    names.append(with_suffix(slug("c#"), "c#"))
    groups = {key(name): [(name, Paper(f"p{n}", "", "T"))] for n, name in enumerate(names)}
    assert len(set(_slugs(TAXONOMIES[0], groups).values())) == 3


def test_signs_become_words() -> None:
    expected = {
        "C++": "c-plus-plus",
        "C#": "c-sharp",
        "C": "c",
        "R&D": "r-and-d",
        "Café": "cafe",
        "Straße": "strasse",
        "Łódź": "lodz",
        "Ελληνικά": "ελληνικά",
        "李 明": "李-明",
        "हिन्दी": "हिन्दी",
        "RLHF, again": "rlhf-again",
    }
    assert {name: slug(name) for name in expected} == expected


@given(ANY)
def test_sorting_and_headings_take_any_text(value: str) -> None:
    collation(value)
    assert len(initial(value)) <= 3


def test_an_index_is_sorted_without_marks_case_and_punctuation() -> None:
    names = ["Zhang", "émile", "Ångström", "van Gogh", "Ødegård", '"Quote"', "eMIL", "李"]
    assert sorted(names, key=collation) == [
        "Ångström",
        "eMIL",
        "émile",
        "Ødegård",
        '"Quote"',
        "van Gogh",
        "Zhang",
        "李",
    ]
    assert [initial(name) for name in ("émile", "Ødegård", "42", "", "李", '"Quote"')] == [
        "E",
        "O",
        "#",
        "#",
        "李",
        "Q",
    ]


@given(ANY)
def test_math_is_split_and_flattened(value: str) -> None:
    parts = split_math(value)
    assert "".join(text for _, text in parts).replace("$", "") == value.replace("$", "") or "\\" in value
    assert isinstance(plain(value), str)
    assert not {"script", "b", "a"} & {tag for tag, _ in Elements(inline_math(value)).found}


def test_a_dollar_is_math_only_around_a_formula() -> None:
    assert split_math("$5 and $10") == [(False, "$5 and $10")]
    assert split_math(r"\$x$ costs") == [(False, "$x$ costs")]
    assert split_math("An $O(n)$ bound") == [(False, "An "), (True, "O(n)"), (False, " bound")]
    assert plain(r"$O(n \log n)$ and $\alpha$") == "O(n log n) and α"


@given(ANY)
def test_a_summary_is_short_and_whole(body: str) -> None:
    shown, more = summary(body, 20)
    assert len(shown) <= 40 and "\n" not in shown
    assert more or shown == " ".join(body.split()) or not shown


def test_a_summary_is_the_first_paragraph_cut_after_a_sentence() -> None:
    first = "One sentence that is long enough. " + "Another one. " * 30
    assert summary("# Heading\n\n![x](/images/x.png)\n\nText.\n\nMore.") == ("Text.", True)
    assert summary("Text.") == ("Text.", False)
    shown, more = summary(first)
    assert more and shown.endswith("Another one.") and len(shown) <= 300


def test_a_summary_is_what_markdown_takes_for_the_first_paragraph() -> None:
    for body, shown in {
        "Points:\n- one\n- two": "Points:",
        "Intro\n# Heading": "Intro",
        "Title\n=====\n\nText.": "Text.",
        "```\na\n\nb\n```\n\nText.": "Text.",
        "$$\nx\n$$\nText.": "Text.",
        "| a | b |\n| - | - |\n| 1 | 2 |\n\nText.": "Text.",
        "[1]: https://a.example/\n\nText.": "Text.",
        "#hashtag first": "#hashtag first",
        "|x| is a norm": "|x| is a norm",
        "one\\\ntwo": "one two",
        "[Here][1] and [2], not [3].\n\n[1]: https://a.example/\n[2]: /x": "[Here](<https://a.example/>) and [2](</x>), not [3].",
    }.items():
        assert summary(body)[0] == shown


def test_a_stray_mark_does_not_make_a_summary_short() -> None:
    for mark in ("data_set", "p < 0.05", "2 * 3", "(a", "a]", "`", "$5", "[x"):
        shown, _ = summary(f"About {mark} here. " + "word " * 100)
        assert len(shown) > 250


def test_a_plain_paragraph_has_no_markup() -> None:
    assert (
        readable(r"**Bold**, `code`, [a link](/x 'T'), $\alpha$, \* and 2 * 3 < 7")
        == "Bold, code, a link, α, * and 2 * 3 < 7"
    )


def test_a_formula_that_would_lose_text_is_shown_as_source() -> None:
    for source in (r"x \text{ if a<b else c}", r"\mbox{p<q}", r"\text{a<bc>d}", r"\text{a<b} \lt c"):
        assert math(source) == f'<code class="math">{escape(source)}</code>'
    for source in ("a < b", r"a \lt b", r"\text{if } a<b", r"\langle x \rangle"):
        assert math(source).startswith("<math")


def test_a_display_formula_ends_with_its_paragraph() -> None:
    assert markdown("$$a\n\nb$$").count("<p>") == 2
    assert markdown("- $$a\n- b$$").count("<li>") == 2
    assert "<math" in markdown("$$\na\n$$")


def test_a_summary_is_not_cut_inside_math_or_a_link() -> None:
    for inside in ("$a + b$", '[a link](https://example.org/ "a title")', "**bold words**", "`code words`"):
        shown, _ = summary("word " * 57 + inside + " word" * 40)
        assert shown.count("$") % 2 == shown.count("*") % 2 == shown.count("`") % 2 == 0
        assert shown.count("[") == shown.count("]") and shown.count("(") == shown.count(")")


@given(YAML | ANY)
@example("a: &a [*a]")
@example('a: "\\')
@example("?")
@example("a:\n\t- b")
@example("...\na")
@example("%\n...")
@example('a: "b\nc: d\n"')
@example("-")
@example("a:b")
def test_reading_yaml_never_raises(source: str) -> None:
    lines = source.split("\n")
    mapping, problems = read(source, Document("x.yml", lines))
    assert mapping is not None or problems
    in_place(problems, Source("x.yml", ""), lines)


@given(YAML | ANY, ANY)
def test_any_file_is_a_paper_or_a_report(front: str, body: str) -> None:
    text = f"---\n{front}\n---\n{body}"
    source = Source("content/papers/a.md", "", text.encode("utf-8", "replace"))
    for reader in (read_paper, read_content_page):
        found, problems = reader(source)
        assert found is not None or problems
        in_place(problems, source, text.replace("\r", "\n").split("\n"))
        report(problems, "github")


@given(st.binary(max_size=80))
def test_any_bytes_are_a_paper_or_a_report(data: bytes) -> None:
    source = Source("content/papers/a.md", digest(data), data)
    paper, problems = read_paper(source)
    assert paper is not None or problems


@given(YAML | ANY)
def test_any_vocabulary_is_read_or_reported(text: str) -> None:
    source = Source("content/people.yml", "", text.encode("utf-8", "replace"))
    vocabulary, problems = read_vocabulary(source)
    assert vocabulary.exists or problems
    in_place(problems, source, text.replace("\r", "\n").split("\n"))
    assert all(vocabulary.canonical(name.name) == name.name for name in vocabulary.names) or problems


@given(ANY)
def test_any_markdown_is_rendered_and_looked_through(body: str) -> None:
    found = Elements(markdown(body))
    assert not {"script", "style", "iframe", "object"} & {tag for tag, _ in found.found}
    assert all(is_allowed(link) for link in found.links())
    source = Source("content/papers/a.md", "", f"---\n---\n{body}".encode("utf-8", "replace"))
    in_place(body_problems(body, 3, source, frozenset()), source, f"---\n---\n{body}".split("\n"))


@given(ANY)
def test_web_links_hold_nothing_that_ends_an_attribute(address: str) -> None:
    for candidate in (address, f"https://{address}", f"https://example.org/{address}"):
        if fields.is_web_link(candidate):
            assert candidate.lower().startswith(("http://", "https://"))
            assert not set(candidate) & set(" \t\n\"'<>\\`") - {"'"}


@given(ANY)
def test_any_name_is_a_person_or_reported(name: str) -> None:
    text = "authors: [" + repr(name) + "]"
    mapping, problems = read(text, Document("x.yml", [text]))
    if mapping is not None and not problems:
        values = fields.read_fields(mapping, papers.FIELDS[1:2], Document("x.yml", [text]), problems, "a paper")
        for person in values.get("authors", ()):
            assert person.name and person.sort_name and (person.family or person.name)


@pytest.mark.parametrize("column", [1, 400, 505, 2000])
def test_a_place_keeps_its_line_up_to_the_column_and_further(column: int) -> None:
    line = "".join(map(chr, range(33, 3033)))
    excerpt = Document("x.yml", [line]).at(1, column).excerpt
    assert line.startswith(excerpt) and len(excerpt) >= column + 100


def test_a_place_far_to_the_right_keeps_nothing_of_a_line_that_is_too_long_to_be_kept_often() -> None:
    place = Document("x.yml", ["x" * 250_000]).at(1, 200_000)
    assert (place.column, place.excerpt) == (200_000, "")


def test_names_keep_their_parts() -> None:
    text = "a: [Ada Lovelace, 'Turing, Alan M.', Plato, {name: A Group}, {given: V., prefix: van, family: Gogh, suffix: Jr.}]"
    mapping, _ = read(text, Document("x.yml", [text]))
    assert mapping is not None
    reader = papers.Field("a", papers.FIELDS[1].read, "names")
    found = fields.read_fields(mapping, [reader], Document("x.yml", [text]), [], "a paper")["a"]
    assert [(p.name, p.given, p.family, p.sort_name) for p in found] == [
        ("Ada Lovelace", "Ada", "Lovelace", "Lovelace, Ada"),
        ("Alan M. Turing", "Alan M.", "Turing", "Turing, Alan M."),
        ("Plato", "", "", "Plato"),
        ("A Group", "", "", "A Group"),
        ("V. van Gogh Jr.", "V.", "Gogh", "Gogh, V. van, Jr."),
    ]
