"""Is what we say of a paper in each format one record, with nothing lost?

Literal tests of what is written, and properties: readers that are not ours get back what was put in, whatever a paper
holds that the content model accepts. Programs that are no Python packages are asked in `programs_read_citations.py`.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from site_gen.citations.bibtex import biblatex, bibtex
from site_gen.citations.csl import csl_item, csl_json
from site_gen.citations.latex import escaped, formula, title
from site_gen.citations.line import cited
from site_gen.citations.records import FORMS, OVERRIDES, TYPE_OF_VENUE, Record
from site_gen.citations.ris import ris
from site_gen.fingerprint import digest
from site_gen.papers import ENTRY_TYPES, PartialDate, Person, read_paper
from site_gen.problems import has_errors
from site_gen.sources import Source
from tests.readers import READERS, WRITER_OF, cited_papers, export, hostile_files, hostile_notes, misread
from tests.sites import Site, paper

pytestmark = pytest.mark.smoke


def record(**fields: Any) -> Record:
    """Return what is cited of a paper with these fields."""
    (made,) = cited_papers({"a-paper": paper(**fields)})
    return made


def field(entry: str, name: str) -> str:
    """Return the value of a field of an entry as it is written; "" if there is none."""
    found = re.search(rf"^  {name} *= (.*),$", entry, re.MULTILINE)
    return found[1].removeprefix("{").removesuffix("}") if found else ""


# --- What an entry looks like

FULL = {
    "title": "BERT and the $n$ Øre: 100% of It",
    "authors": ["Ada Lovelace", {"given": "Jan", "prefix": "van der", "family": "Berg", "suffix": "Jr."}],
    "author_count": 9,
    "editors": [{"name": "Simon and Schuster"}],
    "date": "2024-05-06",
    "venue": {
        "name": "Journal of Odd Things",
        "short": "JOT",
        "type": "journal",
        "volume": "3",
        "issue": "4",
        "pages": "1–12",
        "publisher": "This and That",
    },
    "doi": "10.1000/odd_1",
    "arxiv": "math.GT/0309136",
    "url": "https://papers.example/ä?b=1;c",
    "language": "en",
    "tags": ["a", "b & c"],
    "abstract": "In\n\nshort.",
    "status": "retracted",
}


def test_an_entry_of_bibtex() -> None:
    assert bibtex(record(**FULL), "Read it.") == (
        "@article{a-paper,\n"
        "  title = {{BERT} and the $n$ {\\O}re: 100\\% of It},\n"
        "  author = {Lovelace, Ada and van der Berg, Jr., Jan and others},\n"
        "  editor = {{Simon and Schuster}},\n"
        "  journal = {Journal of Odd Things},\n"
        "  series = {JOT},\n"
        "  volume = {3},\n"
        "  number = {4},\n"
        "  pages = {1--12},\n"
        "  publisher = {{This and That}},\n"
        "  year = {2024},\n"
        "  month = may,\n"
        "  doi = {10.1000/odd_1},\n"
        "  eprint = {math.GT/0309136},\n"
        "  archivePrefix = {arXiv},\n"
        "  primaryClass = {math.GT},\n"
        "  url = {https://papers.example/%C3%A4?b=1;c},\n"
        "  language = {en},\n"
        "  keywords = {a, b \\& c},\n"
        "  abstract = {In short.},\n"
        "  note = {Retracted},\n"
        "  annote = {Read it.},\n"
        "}\n"
    )


def test_an_entry_of_biblatex() -> None:
    assert biblatex(record(**FULL), "Read it.") == (
        "@article{a-paper,\n"
        "  title = {{BERT} and the $n$ Øre: 100\\% of It},\n"
        "  author = {Lovelace, Ada and van der Berg, Jr., Jan and others},\n"
        "  editor = {{Simon and Schuster}},\n"
        "  journaltitle = {Journal of Odd Things},\n"
        "  series = {JOT},\n"
        "  volume = {3},\n"
        "  number = {4},\n"
        "  pages = {1--12},\n"
        "  date = {2024-05-06},\n"
        "  doi = {10.1000/odd_1},\n"
        "  eprint = {math.GT/0309136},\n"
        "  eprinttype = {arxiv},\n"
        "  eprintclass = {math.GT},\n"
        "  url = {https://papers.example/%C3%A4?b=1;c},\n"
        "  language = {en},\n"
        "  keywords = {a, b \\& c},\n"
        "  abstract = {In short.},\n"
        "  note = {Retracted},\n"
        "  annotation = {Read it.},\n"
        "}\n"
    )


def test_a_record_of_ris() -> None:
    assert ris(record(**FULL), "Read it.").split("\r\n") == [
        "TY  - JOUR",
        "ID  - a-paper",
        "TI  - BERT and the n Øre: 100% of It",
        "AU  - Lovelace, Ada",
        "AU  - van der Berg, Jan, Jr.",
        "ED  - Simon and Schuster",
        "PY  - 2024",
        "DA  - 2024/05/06",
        "T2  - Journal of Odd Things",
        "JF  - Journal of Odd Things",
        "J2  - JOT",
        "VL  - 3",
        "IS  - 4",
        "SP  - 1",
        "EP  - 12",
        "PB  - This and That",
        "DO  - 10.1000/odd_1",
        "AN  - arXiv:math.GT/0309136",
        "UR  - https://papers.example/ä?b=1%3Bc",
        "LA  - en",
        "KW  - a",
        "KW  - b & c",
        "AB  - In short.",
        "N1  - Retracted. Read it.",
        "ER  - ",
        "",
        "",
    ]


def test_an_item_of_csl_json() -> None:
    assert json.loads(csl_json(record(**FULL), "Read it.")) == {
        "id": "a-paper",
        "type": "article-journal",
        "title": "BERT and the n Øre: 100% of It",
        "author": [
            {"family": "Lovelace", "given": "Ada"},
            {"family": "Berg", "given": "Jan", "non-dropping-particle": "van der", "suffix": "Jr."},
        ],
        "editor": [{"literal": "Simon and Schuster"}],
        "issued": {"date-parts": [[2024, 5, 6]]},
        "container-title": "Journal of Odd Things",
        "container-title-short": "JOT",
        "volume": "3",
        "issue": "4",
        "page": "1-12",
        "publisher": "This and That",
        "DOI": "10.1000/odd_1",
        "archive": "arXiv",
        "archive_location": "math.GT/0309136",
        "URL": "https://papers.example/ä?b=1;c",
        "language": "en",
        "keyword": "a, b & c",
        "abstract": "In short.",
        "note": "Retracted",
        "annote": "Read it.",
    }


@pytest.mark.parametrize(
    ("date", "year", "month", "exact", "tag", "parts"),
    [
        ("2024", "2024", "", "2024", "2024///", [2024]),
        ("2024-02", "2024", "feb", "2024-02", "2024/02//", [2024, 2]),
        ("0850-12-01", "0850", "dec", "0850-12-01", "0850/12/01", [850, 12, 1]),
        (None, "", "", "", "", []),
    ],
)
def test_a_date_is_as_precise_as_it_was_given(
    date: str | None, year: str, month: str, exact: str, tag: str, parts: list[int]
) -> None:
    made = record(date=date)
    assert (field(bibtex(made), "year"), field(bibtex(made), "month")) == (year, month)
    assert field(biblatex(made), "date") == exact
    assert (f"DA  - {tag}\r\n" in ris(made)) == bool(tag)
    assert csl_item(made).get("issued", {"date-parts": [[]]}) == {"date-parts": [parts]}


# --- Names

NAMES = [  # as a paper gives it, BibTeX, BibLaTeX, RIS, CSL
    ("Ada Lovelace", "Lovelace, Ada", "", "Lovelace, Ada", {"family": "Lovelace", "given": "Ada"}),
    ("Plato", "{Plato}", "", "Plato", {"literal": "Plato"}),
    ({"name": "Friends and Sons, Inc."}, "{Friends and Sons, Inc.}", "", "Friends and Sons Inc.", {"literal": "Friends and Sons, Inc."}),
    ({"family": "Madonna"}, "{Madonna}", "", "Madonna", {"family": "Madonna"}),
    ("Gabriel García Márquez", "M{\\'a}rquez, Gabriel Garc{\\'i}a", "Márquez, Gabriel García",
     "Márquez, Gabriel García", None),
    ({"given": "Guy", "prefix": "Van den", "family": "Broeck"}, "{Van} den Broeck, Guy", "", "Van den Broeck, Guy", None),
    ({"given": "Gerard", "prefix": "'t", "family": "Hooft"}, "'t Hooft, Gerard", "", "'t Hooft, Gerard", None),
    ({"given": "Martin", "family": "King", "suffix": "Jr."}, "King, Jr., Martin", "", "King, Martin, Jr.", None),
    ({"given": "danah", "family": "boyd"}, "{boyd}, danah", "", "boyd, danah", None),
    ({"given": "M.", "family": "al-Khwarizmi"}, "{al-Khwarizmi}, M.", "", "al-Khwarizmi, M.", None),
    ({"given": "José", "family": "Ortega y Gasset"}, "{Ortega y Gasset}, Jos{\\'e}", "{Ortega y Gasset}, José",
     "Ortega y Gasset, José", None),
    ({"given": "Åsa", "family": "Øst Berg"}, "{\\O}st{ }Berg, {\\r{A}}sa", "Øst{ }Berg, Åsa", "Øst Berg, Åsa", None),
    ({"given": "Quỳnh", "family": "Nguyễn"}, "Nguyễn, Quỳnh", "", "Nguyễn, Quỳnh", None),
    ("李 明", "明, 李", "", "明, 李", {"family": "明", "given": "李"}),
    ({"given": "علي", "family": "بن سينا"}, "بن{ }سينا, علي", "", "بن سينا, علي", None),
    ({"given": "A, B", "family": "X=Y"}, "{X=Y}, {A, B}", "", "X=Y, A B", None),
    ({"given": "Max", "family": "Müller and Sons"}, "{M{\\\"u}ller and Sons}, Max", "{Müller and Sons}, Max",
     "Müller and Sons, Max", None),
    ({"name": "AT&T {Labs}"}, "{AT\\&T \\{Labs\\}}", "", "AT&T {Labs}", {"literal": "AT&T {Labs}"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "old", "new", "tag", "parts"), NAMES, ids=[row[1] for row in NAMES])
def test_a_name_keeps_its_parts(
    name: str | dict[str, str], old: str, new: str, tag: str, parts: dict[str, str] | None
) -> None:
    made = record(authors=[name])
    assert f"  author = {{{old}}},\n" in bibtex(made)
    assert f"  author = {{{new or old}}},\n" in biblatex(made)
    assert f"AU  - {tag}\r\n" in ris(made)
    assert parts in (None, csl_item(made)["author"][0])


def test_a_list_that_is_cut_short_says_so_where_a_format_can() -> None:
    made = record(authors=["Ada Lovelace"], author_count=2)
    assert field(bibtex(made), "author") == field(biblatex(made), "author") == "Lovelace, Ada and others"
    assert not record(authors=["Ada Lovelace"], author_count=1).others
    assert not record(author_count=40).others


# --- Types

CITED_AS = [  # venue's type, BibTeX, BibLaTeX, RIS, CSL, and where BibTeX has the venue's name
    ("journal", "article", "article", "JOUR", "article-journal", "journal"),
    ("conference", "inproceedings", "inproceedings", "CONF", "paper-conference", "booktitle"),
    ("workshop", "inproceedings", "inproceedings", "CONF", "paper-conference", "booktitle"),
    ("preprint", "misc", "misc", "GEN", "document", "howpublished"),
    ("thesis", "phdthesis", "phdthesis", "THES", "thesis", "school"),
    ("report", "techreport", "techreport", "RPRT", "report", "institution"),
    ("book", "incollection", "incollection", "CHAP", "chapter", "booktitle"),
]


@pytest.mark.parametrize(("kind", "old", "new", "tag", "csl", "container"), CITED_AS, ids=[row[0] for row in CITED_AS])
def test_the_type_of_the_venue_is_the_type_of_the_entry(
    kind: str, old: str, new: str, tag: str, csl: str, container: str
) -> None:
    made = record(venue={"name": "Somewhere", "type": kind})
    assert bibtex(made).startswith(f"@{old}{{") and biblatex(made).startswith(f"@{new}{{")
    assert ris(made).startswith(f"TY  - {tag}\r\n") and csl_item(made)["type"] == csl
    assert field(bibtex(made), container) == "Somewhere"


def test_all_types_of_venues_and_entries_have_a_form() -> None:
    assert [row[0] for row in CITED_AS] == list(TYPE_OF_VENUE)
    assert sorted(FORMS) == sorted(ENTRY_TYPES)


@pytest.mark.parametrize(
    ("venue", "guess"),
    [
        ("NeurIPS 2025", "inproceedings"),
        ("SIGIR’99", "misc"),
        ("Somewhere", "misc"),
        ({"name": "Odd Letters", "volume": "3"}, "article"),
        ({"name": "Odd Letters 2025", "issue": "3"}, "article"),
        (None, "misc"),
    ],
)
def test_of_a_venue_without_type_only_what_is_sure_is_guessed(venue: Any, guess: str) -> None:
    assert record(venue=venue).type == guess


def test_a_book_that_bears_the_papers_title_is_the_paper() -> None:
    made = record(title="On Odd Things", venue={"name": "on odd  things", "type": "book", "publisher": "Odd Press"})
    assert (made.type, made.container, made.publisher) == ("book", "", "Odd Press")
    assert record(venue={"name": "Other Things", "type": "book"}).type == "incollection"


def test_a_preprint_is_called_one() -> None:
    made = record(arxiv="2301.10140")
    assert ris(made).startswith("TY  - UNPB\r\n") and "M1  - arXiv:2301.10140\r\n" in ris(made)
    item = csl_item(made)
    assert (item["type"], item["number"], item["publisher"]) == ("article", "arXiv:2301.10140", "arXiv")


@pytest.mark.parametrize(
    ("venue", "organization", "school"),
    [
        ({"publisher": "Odd Press"}, ["A Lab", "B Lab"], "A Lab, B Lab"),
        ({"publisher": "Odd Press"}, None, "Odd Press"),
        ({}, None, "Odd University"),
    ],
)
def test_a_thesis_was_written_at_its_organization(venue: dict[str, str], organization: Any, school: str) -> None:
    made = record(venue={"name": "Odd University", "type": "thesis", **venue}, organization=organization)
    assert field(bibtex(made), "school") == field(biblatex(made), "institution") == school
    assert f"PB  - {school}\r\n" in ris(made) and csl_item(made)["publisher"] == school
    assert (made.container, made.publisher) == ("", "")


# --- cite_as


@pytest.mark.parametrize("kind", ENTRY_TYPES)
def test_a_type_can_be_chosen(kind: str) -> None:
    made = record(cite_as=kind, venue="NeurIPS 2025")
    assert bibtex(made).startswith(f"@{FORMS[kind].bibtex}{{a-paper,")
    assert biblatex(made).startswith(f"@{kind}{{a-paper,")


@pytest.mark.parametrize("name", OVERRIDES)
def test_a_field_can_be_overridden_in_all_formats(name: str) -> None:
    value = {"url": "https://other.example/", "eprint": "2301.10140"}.get(name, "Other")
    kind = {"institution": "techreport", "publisher": "inproceedings"}.get(OVERRIDES[name], "article")
    full = FULL | {"cite_as": {"type": kind, name: value}}
    made = record(**full)
    assert getattr(made, OVERRIDES[name]) == value
    assert value in bibtex(made) and value in biblatex(made)
    assert value in csl_json(made) or name in ("primaryclass", "eprintclass")


@pytest.mark.parametrize(
    ("cite_as", "name", "value"),
    [
        ({"key": "Lovelace:1843"}, "key", "Lovelace:1843"),
        ({"year": "1999"}, "date", PartialDate(1999)),
        ({"date": "1999-12"}, "date", PartialDate(1999, 12)),
        ({"edition": "2", "isbn": "x"}, "more", (("edition", "2"), ("isbn", "x"))),
        ({"author": "Emmy Noether"}, "authors", (Person("Emmy Noether", "Emmy", "Noether"),)),
        ({"author": "Noether, Emmy"}, "authors", (Person("Emmy Noether", "Emmy", "Noether"),)),
        ({"author": "{A and B, Inc.} and Plato"}, "authors", (Person("A and B, Inc."), Person("Plato"))),
        ({"author": "van der Berg, Jr., Jan"}, "authors", (Person("Jan van der Berg Jr.", "Jan", "Berg", "van der", "Jr."),)),
        ({"author": "Emmy Noether and others"}, "others", True),
        ({"author": "{von Noether}, Emmy"}, "authors", (Person("Emmy von Noether", "Emmy", "von Noether"),)),
        ({"author": "{A and {B} Inc.} AND Plato"}, "authors", (Person("A and {B} Inc."), Person("Plato"))),
        ({"author": "and , and {} and others"}, "authors", ()),
        ({"eprint": "x", "eprinttype": "jstor"}, "arxiv", ""),
        ({"eprint": "2301.10140", "eprinttype": "arxiv"}, "arxiv", "2301.10140"),
        ({"editor": "Emmy Noether"}, "editors", (Person("Emmy Noether", "Emmy", "Noether"),)),
    ],
)  # fmt: skip
def test_what_is_no_text_can_be_overridden_too(cite_as: dict[str, str], name: str, value: Any) -> None:
    assert getattr(record(cite_as=cite_as), name) == value


def test_a_field_that_only_bibtex_has_replaces_ours() -> None:
    made = record(tags=["a"], date="2024-05", cite_as={"keywords": "x_y", "month": "spring", "edition": "2"})
    assert [field(bibtex(made), name) for name in ("keywords", "month", "edition")] == ["x\\_y", "spring", "2"]


def test_what_a_whole_book_or_a_web_page_appeared_in_is_not_lost() -> None:
    book, page = record(cite_as={"type": "book", "series": "Odd Notes"}), record(cite_as="online", venue="Odd Blog")
    for spell in (bibtex, biblatex):
        assert field(spell(book), "series") == "Odd Notes"
        assert field(spell(page), "organization") == "Odd Blog"


def test_no_name_has_so_many_commas_that_biber_skips_its_entry() -> None:
    made = record(
        authors=[{"given": "A, B", "family": "X", "suffix": "Jr., PhD"}], cite_as={"translator": "A, B, C, D"}
    )
    assert field(biblatex(made), "author") == "X, Jr. PhD, A B"
    assert field(bibtex(made), "translator") == field(biblatex(made), "translator") == "A, B C, D"


@pytest.mark.parametrize(
    "cite_as", [{"annote": "x"}, {"annotation": "x"}, {"url": "javascript:alert(1)"}, {"url": "https://a.example/} {"}]
)
def test_an_override_that_would_harm_its_reader_is_refused(cite_as: dict[str, str], site: Any) -> None:
    made: Site = site({"content/papers/a.md": paper(cite_as=cite_as)})
    assert not made.check().ok


@pytest.mark.parametrize("reader", READERS)
def test_no_override_can_leave_its_entry(reader: str) -> None:
    hostile = dict.fromkeys([*OVERRIDES, "author", "editor", "edition", "translator"], '} % { \\ " @misc{x,')
    hostile["url"] = "https://a.example/~'%20"
    records = [record(cite_as={"type": kind, **hostile}) for kind in ENTRY_TYPES]
    for made in records:
        (read,) = READERS[reader](export([made], WRITER_OF[reader]))
        assert read.key == "a-paper"


# --- Titles


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("Learning to Read", "Learning to Read"),
        ("BERT: a Model", "{BERT}: a Model"),
        ("An iPhone in C", "An {iPhone} in {C}"),
        ("A GPT-4 for the U.S.", "A {GPT}-4 for the {U}.{S}."),
        ("A Study", "A Study"),
        ("The ΑΒΓ of ÀB", "The {ΑΒΓ} of {{\\`A}B}"),
        ("Gödel’s Theorem", 'G{\\"o}del’s Theorem'),
        ("COVID_19", "{COVID}\\_19"),
        ("R&D", "{R}\\&{D}"),
    ],
)
def test_capitals_inside_words_are_kept(given: str, written: str) -> None:
    assert title(given, True) == written


@pytest.mark.parametrize(
    ("letters", "written"),
    [
        ("ÀéîõüñÝ", "{\\`A}{\\'e}{\\^i}{\\~o}{\\\"u}{\\~n}{\\'Y}"),
        ("çşčğőąåİ", "{\\c{c}}{\\c{s}}{\\v{c}}{\\u{g}}{\\H{o}}{\\k{a}}{\\r{a}}{\\.I}"),
        ("øØłŁßæÆđĐı", "{\\o}{\\O}{\\l}{\\L}{\\ss}{\\ae}{\\AE}{\\dj}{\\DJ}{\\i}"),
        ("ếœþðșỳΩЖ深😀–“”…", "ếœþðșỳΩЖ深😀–“”…"),
        ("e\u0301", "{\\'e}"),
        ("q\u0301", "q\u0301"),
    ],
)
def test_latin_letters_are_ascii_in_bibtex_and_themselves_in_biblatex(letters: str, written: str) -> None:
    assert escaped(letters, True) == written
    assert escaped(letters, False) == letters


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ("% $ & # _ ~ ^ \\", "\\% \\$ \\& \\# \\_ \\textasciitilde{} \\textasciicircum{} \\textbackslash{}"),
        ("{a}", "\\{a\\}"),
        ("}{", "\\textbraceright{}\\textbraceleft{}"),
        ("a -- b --- c", "a -{}- b -{}-{}- c"),
        ("``a'' ,,b", "`{}`a'{}' ,{},b"),
        ("?` !` << >>", "?{}` !{}` <{}< >{}>"),
        ("\"a\" 'b' <c> |d| @e", "\"a\" 'b' <c> |d| @e"),
    ],
)
def test_every_sign_means_itself(given: str, written: str) -> None:
    assert escaped(given, True) == written


@pytest.mark.parametrize(
    "source", ["n", r"O(n \log n)", r"\mathcal{O}(1)", r"x_{i}^2 < y", r"\frac{1}{2}", r"\alpha", r"a \, b", r"f'"]
)
def test_a_formula_is_written_as_it_is(source: str) -> None:
    assert formula(source) == f"${source}$"


def test_braces_of_a_formula_are_named() -> None:
    assert formula(r"\{a\}") == r"$\lbrace a\rbrace $"


@pytest.mark.parametrize(
    "source", [r"a\_b", "x_", "x^", r"\rm x", r"\text x", "}", "{", "%", "#", "&", r"\H", r"\'e", '"', r"\{", "a~b"]
)
def test_a_formula_that_would_end_a_reader_is_written_as_text(source: str) -> None:
    assert formula(source) == ""
    assert "$" not in title(f"of ${source}$ x", True).replace("\\$", "")


# --- Notes of what a reader must know


@pytest.mark.parametrize(
    ("status", "note"), [("retracted", "Retracted"), ("withdrawn", "Withdrawn"), ("preprint", ""), ("published", "")]
)
def test_a_status_that_matters_is_noted(status: str, note: str) -> None:
    made = record(status=status)
    assert (made.note, field(bibtex(made), "note"), csl_item(made).get("note", "")) == (note, note, note)


def test_a_superseded_paper_names_the_one_that_replaces_it() -> None:
    files = {"new": paper("The {New} One"), "old": paper("The Old", status="superseded", superseded_by="new")}
    notes = {made.key: made.note for made in cited_papers(files)}
    assert notes == {"new": "", "old": "Superseded by “The {New} One”"}


# --- The plain line

LINES: list[tuple[dict[str, Any], str]] = [
    ({}, "n.d. A title."),
    ({"title": "Why?", "authors": ["Plato"], "date": "2024-05"}, "Plato. 2024. Why?"),
    (
        {"authors": ["Ada Lovelace", "Alan Turing"], "venue": {"name": "Odd 2024", "pages": "1--12"}, "doi": "10.1000/x"},
        "Ada Lovelace and Alan Turing. n.d. A title. In Odd 2024, pages 1–12. doi:10.1000/x.",
    ),
    (
        {"authors": ["A B", "C D", {"given": "E", "family": "F", "suffix": "Jr."}], "arxiv": "2301.10140", "date": "2023"},
        "A B, C D, and E F Jr. 2023. A title. arXiv:2301.10140.",
    ),
    ({"authors": ["A B"], "author_count": 3}, "A B, et al. n.d. A title."),
    ({"editors": ["A B", "C D"]}, "A B and C D, eds. n.d. A title."),
    ({"editors": ["A B"]}, "A B, ed. n.d. A title."),
    (
        {"venue": {"name": "Odd Letters", "volume": "3", "issue": "4", "pages": "1-12", "publisher": "Odd Press"}},
        "n.d. A title. Odd Letters 3(4):1–12. Odd Press.",
    ),
    ({"venue": {"name": "Odd Letters", "type": "journal", "pages": "7"}}, "n.d. A title. Odd Letters, 7."),
    ({"venue": {"name": "MIT", "type": "thesis"}}, "n.d. A title. PhD thesis, MIT."),
    ({"venue": {"name": "MIT", "type": "report", "issue": "12"}}, "n.d. A title. Technical report 12, MIT."),
    ({"venue": {"name": "MIT", "type": "thesis"}, "cite_as": "mastersthesis"}, "n.d. A title. Master’s thesis, MIT."),
    ({"cite_as": {"type": "misc", "institution": "MIT"}}, "n.d. A title. MIT."),
    ({"cite_as": {"type": "article", "pages": "1-2"}}, "n.d. A title. 1–2."),
    ({"cite_as": {"type": "article", "volume": "3", "pages": "1"}}, "n.d. A title. 3:1."),
    ({"title": "$x^2$ <b>", "status": "retracted", "url": "https://a.example/b"}, "n.d. x^2 <b>. https://a.example/b. Retracted."),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "line"), LINES, ids=[line for _, line in LINES])
def test_a_paper_as_a_line(fields: dict[str, Any], line: str) -> None:
    assert cited(record(**fields)) == line


def test_of_many_names_the_line_has_the_first_nineteen() -> None:
    names = [f"A{n} B" for n in range(25)]
    assert cited(record(authors=names)).startswith(", ".join(names[:19]) + ", et al. n.d.")
    assert "et al." not in cited(record(authors=names[:20]))


# --- Keys


def test_keys_are_ids_and_stay_when_papers_are_added() -> None:
    files = {f"paper-{n}": paper(f"Title {n}") for n in range(9)}
    before = cited_papers(files)
    after = cited_papers({"a": paper("First of all", added="2030-01-01"), **files, "z": paper("Title 1")})
    assert {made.key for made in before} == set(files)
    assert [made for made in after if made.key in files] == before


def test_two_papers_cannot_have_one_key(site: Any) -> None:
    files = {
        "content/papers/a.md": paper("A"),
        "content/papers/b.md": paper("B", cite_as={"key": "A"}),
        "content/papers/c.md": paper("C", cite_as={"key": "Own"}),
    }
    made: Site = site(files)
    assert [(found.code, found.location.path) for found in made.check().problems if found.code == "key-conflict"] == [
        ("key-conflict", "content/papers/b.md")
    ]


# --- Readers

RECORDS = cited_papers(hostile_files())


@pytest.mark.parametrize("reader", READERS)
def test_what_is_hard_to_write_down_is_one_right_record(reader: str) -> None:
    assert misread(RECORDS, reader, READERS[reader](export(RECORDS, WRITER_OF[reader]))) == []


@pytest.mark.parametrize("reader", READERS)
def test_notes_of_curators_leave_the_records_as_they_are(reader: str) -> None:
    text = export(RECORDS, WRITER_OF[reader], hostile_notes(len(RECORDS)))
    assert misread(RECORDS, reader, READERS[reader](text)) == []


@pytest.mark.parametrize("reader", READERS)
def test_an_export_of_nothing_is_read_as_nothing(reader: str) -> None:
    assert READERS[reader](export([], WRITER_OF[reader])) == []


SPECIAL = st.sampled_from(
    "ER  - |TY  - JOUR|@article{|@comment{|}|{|{x}|\\|\\input{x}|%|$|#|&|_|~|^|\"|'|`|''|``|--|---|,,|<<|?`|<|>|=|,|;|: |. "
    "| and |$x^2$|$\\{a$|$\\_$|\\$|e\u0301|q\u0301|\u200f|\u200d|\ufeff|\u00a0|😀|👩‍🔬|深|ع|ß|Å|İ|ı|ő|ș|BERT|von|Jr.|null".split(
        "|"
    )
)
LETTERS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=6)
TEXT = st.lists(SPECIAL | LETTERS, min_size=1, max_size=6).map("".join)
NAME = st.one_of(
    TEXT,
    st.fixed_dictionaries({"name": TEXT}),
    st.fixed_dictionaries({"given": TEXT, "family": TEXT}, optional={"suffix": st.sampled_from(["Jr.", "III"])}),
    st.fixed_dictionaries(
        {"given": TEXT, "family": TEXT, "prefix": st.sampled_from(["van", "de La", "Von", "'t", "d’"])}
    ),
    st.fixed_dictionaries({"family": TEXT}),
)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "authors": st.lists(NAME, min_size=1, max_size=3),
    "editors": st.lists(NAME, min_size=1, max_size=2),
    "author_count": st.just(40),
    "date": st.dates().map(str) | st.sampled_from(["2024", "2024-05"]),
    "venue": TEXT | st.fixed_dictionaries({"name": TEXT, "type": st.sampled_from([*TYPE_OF_VENUE]), "pages": TEXT, "publisher": TEXT}),
    "organization": TEXT,
    "doi": st.from_regex(r"10\.[0-9]{4}/[^\s\"\\{}^`|\x00-\x20]{1,9}", fullmatch=True),
    "arxiv": st.sampled_from(["2301.10140", "math.GT/0309136", "hep-th/9901001"]),
    "url": st.sampled_from(["https://a.example/", "https://ö.example/é?a=1;b#c_d%20~", "http://a.example/--''"]),
    "tags": st.lists(TEXT, min_size=1, max_size=2),
    "abstract": TEXT,
    "status": st.sampled_from(["retracted", "preprint"]),
    "cite_as": st.sampled_from(ENTRY_TYPES) | st.dictionaries(st.sampled_from(["note", "edition", "doi", "publisher", "translator"]), TEXT),
}  # fmt: skip
PAPERS = st.builds(lambda title, fields: paper(title, **fields), TEXT, st.fixed_dictionaries({}, optional=FIELDS))


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(PAPERS)
@example(paper("closes}, year = {1999}} @misc{another, title = {one"))
@example(paper("$\\_ \\{ x$ and }"))
@example(paper("\ufeff"))
def test_whatever_a_paper_holds_each_reader_gets_back(text: str) -> None:
    data = text.encode()
    made, problems = read_paper(Source("content/papers/x.md", digest(data), data))
    assume(made is not None and not has_errors(problems))
    records = cited_papers({"first": paper("First"), "x": text, "last": paper("Last")})
    for reader, read in READERS.items():
        assert misread(records, reader, read(export(records, WRITER_OF[reader]))) == [], export(
            records, WRITER_OF[reader]
        )
    json.loads(export(records, "csl-json"))
