"""Does everything that programs read say what the paper's file says? The table of docs/metadata.md, and each page's tags."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from site_gen.citations.records import record_of
from site_gen.contexts import CitationsContext, Context, PapersContext
from site_gen.contexts import Site as Shown
from site_gen.exports import WRITERS
from site_gen.papers import FIELDS, Paper
from tests import six_papers
from tests.sites import CONFIG, Site, paper

DOCS = (Path(__file__).parent.parent / "docs" / "metadata.md").read_text("utf-8")
ATOM = "{http://www.w3.org/2005/Atom}"


class Head(HTMLParser):
    """Collects what the head of a page says: `<meta>` and `<link>` in order, and the blocks of JSON-LD."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.metas: list[tuple[str, str]] = []
        self.links: list[tuple[str, str, str]] = []
        self.data: list[dict[str, Any]] = []
        self._reading = False
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attributes}
        if tag == "meta" and "name" in had:
            self.metas.append((had["name"], had["content"]))
        if tag == "link":
            self.links.append((had["rel"], had.get("type", ""), had["href"]))
        self._reading = tag == "script" and had.get("type") == "application/ld+json"

    def handle_endtag(self, tag: str) -> None:
        self._reading = False

    def handle_data(self, data: str) -> None:
        if self._reading:
            self.data.append(json.loads(data))


# --- The table of fields

PERSON = {
    "given": "Zqgiven",
    "prefix": "zqvon",
    "family": "Zqfamily",
    "suffix": "Zqjr",
    "orcid": "0000-0002-1825-0097",
    "url": "https://zq.example/person",
    "affiliation": "Zqaffiliation",
}
# What a paper's file says in each field, and what of it must be found again.
SAID: dict[str, tuple[Any, str]] = {
    "title": ("Zqtitle", "Zqtitle"),
    "authors": ([PERSON], "Zqfamily"),
    "author_count": (4243, r"4243|others|et al\."),
    "date": ("1987-06-05", "1987"),
    "added": ("2019-02-03", "2019-02-03"),
    "updated": ("2021-03-04", "2021-03-04"),
    "aliases": (["zq-alias"], "zq-alias"),
    "added_by": ("Zqcurator", "Zqcurator"),
    "tags": (["Zqtag"], "Zqtag"),
    "venue": ({"name": "Zqvenue"}, "Zqvenue"),
    "organization": ("Zqorganization", "Zqorganization"),
    "arxiv": ("1706.03762", "1706.03762"),
    "doi": ("10.5555/zqdoi", "10.5555/zqdoi"),
    "openreview": ("zqopenreview", "zqopenreview"),
    "acl": ("2023.zqacl-long.6", "2023.zqacl-long.6"),
    "url": ("https://zq.example/own", "zq.example/own"),
    "links": ({"pdf": "https://zq.example/pdf", "code": "https://zq.example/code"}, "zq.example/(pdf|code)"),
    "discussion": ({"url": "https://zq.example/talk", "comments": 4711}, "zq.example/talk"),
    "editors": (["Ed Zqeditor"], "Zqeditor"),
    "status": ("retracted", "(?i)retracted"),
    "superseded_by": ("zq-later", "zq-later|Zqlater"),
    "abstract": ("Zqabstract", "Zqabstract"),
    "featured": (True, "featured"),
    "draft": (None, "draft"),
    "language": ("fr-CA", "fr-CA"),
    "cite_as": ({"addendum": "Zqcite"}, "Zqcite"),
    "extra": ({"zqkey": "Zqextra"}, "Zqextra"),
    "the note": (None, "Zqnote"),
}
VENUE = {"short": "Zqshort", "volume": "77101", "issue": "77202", "pages": "77301-77302", "publisher": "Zqpublisher"}
SAID |= {f"venue: {name}": (None, value.partition("-")[0]) for name, value in VENUE.items()}
SAID |= {f"authors: {name}": (None, value) for name, value in PERSON.items() if name != "family"}
COLUMNS = (
    "BibTeX",
    "BibLaTeX",
    "RIS",
    "CSL-JSON",
    "line",
    "Highwire",
    "JSON-LD",
    "Atom",
    "JSON Feed",
    "papers.json",
    "index.md",
)


def samples() -> dict[str, str]:
    """Return paper files that say all this, one of each kind that has fields of its own."""
    given = {name: value for name, (value, _) in SAID.items() if value is not None and name != "superseded_by"}
    files = {}
    for kind in ("journal", "conference", "thesis", "preprint"):
        arxiv = f"1706.0376{len(files)}"
        venue = {"name": "Zqvenue", "type": kind} | VENUE
        whole = given | {"venue": venue, "arxiv": arxiv, "aliases": [f"zq-alias-{kind}"]}
        files[f"content/papers/{kind}.md"] = paper(whole.pop("title"), "Zqnote", **whole)
    old = {"status": "superseded", "superseded_by": "zq-later", "added": "2019-02-03"}
    files["content/papers/old.md"] = paper("Zqold", "", **old)
    files["content/papers/zq-later.md"] = paper("Zqlater", "", added="2018-01-01")
    return files


def in_bibtex(text: str) -> Iterator[tuple[str, str]]:
    for name, value in re.findall(r"^  (\w+) += (.*),$", text, re.MULTILINE):
        yield from ((name, value),) if value else ()


def in_json_ld(page: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in page["mainEntity"].items():
        yield name, json.dumps(value, ensure_ascii=False)
    for name, value in page.items():
        if name != "mainEntity":
            yield f"page: {name}", json.dumps(value, ensure_ascii=False)


def in_atom(text: str, paper_id: str) -> Iterator[tuple[str, str]]:
    entries = ET.fromstring(text).iter(f"{ATOM}entry")
    for entry in (one for one in entries if (one.findtext(f"{ATOM}id") or "").endswith(f":{paper_id}")):
        yield from (("xml:lang", value) for name, value in entry.items() if name.endswith("lang"))
        for one in entry:
            shown = " ".join([*one.itertext(), *(one.get(name, "") for name in ("href", "term"))])
            yield one.tag.removeprefix(ATOM), shown


def found_in(site: Site, name: str) -> Iterator[tuple[str, str, str]]:
    """Yield (column, name of a field there, what it says) for all that is said of one paper."""
    base = f"papers/{name}/"
    html = site.text(f"{base}index.html")
    shown = re.findall(r'(?s)<pre[^>]*aria-label="BibLaTeX"><code>(.*?)</code>', html)
    head = Head(html)
    line = re.findall(r'(?s)<div data-copy="citation"><p[^>]*>(.*?)</p>', html)
    markdown = site.text(f"{base}index.md")
    papers = json.loads(site.text("papers.json"))["papers"]
    feed = json.loads(site.text("feed.json"))["items"]
    columns: dict[str, Iterable[tuple[str, str]]] = {
        "BibTeX": [*in_bibtex(site.text(f"{base}cite.bib")), *_notes(site, name, ".bib")],
        "BibLaTeX": [*in_bibtex(shown[0]), *_notes(site, name, ".biblatex.bib")],
        "RIS": re.findall(
            r"^(\w\w)  - (.+)$", site.text(f"{base}cite.ris") + _with_note(site, name, ".ris"), re.MULTILINE
        ),
        "CSL-JSON": [
            (key, json.dumps(value, ensure_ascii=False))
            for item in json.loads(site.text(f"{base}cite.json"))
            + [one for one in json.loads(site.text("papers-with-notes.csl.json")) if one["id"] == name]
            for key, value in item.items()
        ],
        "line": [("yes", line[0])],
        "Highwire": [pair for pair in head.metas if pair[0].startswith(("citation_", "DC."))],
        "JSON-LD": in_json_ld(head.data[0]),
        "Atom": in_atom(site.text("feed.xml"), name),
        "JSON Feed": [
            (key, json.dumps(value)) for item in feed if item["id"].endswith(f":{name}") for key, value in item.items()
        ],
        "papers.json": [(k, f"{k} {json.dumps(v)}") for one in papers if one["id"] == name for k, v in one.items()],
        "index.md": re.findall(r"^- ([^:]+): (.*)$", markdown, re.MULTILINE)
        + re.findall(r"^(#) (.*)$", markdown, re.MULTILINE)
        + re.findall(r"^## (.+)\n\n(.*)$", markdown, re.MULTILINE),
    }
    for column, pairs in columns.items():
        yield from ((column, key, value) for key, value in pairs)


def _with_note(site: Site, name: str, ending: str) -> str:
    whole = site.text(f"papers-with-notes{ending}")
    parts = re.split(r"\r?\nER  - |\n}\n", whole)
    return next(part for part in parts if re.search(rf"(?m)^(ID  - {name}\r?|@\w+{{{name},)$", part))


def _notes(site: Site, name: str, ending: str) -> Iterator[tuple[str, str]]:
    return in_bibtex(_with_note(site, name, ending) + "\n")


@pytest.fixture(scope="module")
def sampled(tmp_path_factory: pytest.TempPathFactory) -> Site:
    made = Site(tmp_path_factory.mktemp("site"), samples())
    done = made.build()
    assert done.ok, done.problems
    return made


def test_the_table_tells_where_each_field_goes(sampled: Site) -> None:
    """Each field of the sample papers is looked for in each format, and found in what the table names, nowhere else."""
    where: dict[tuple[str, str], set[str]] = defaultdict(set)
    for name in ("journal", "conference", "thesis", "preprint", "old"):
        for column, key, value in found_in(sampled, name):
            for field, (_, wanted) in SAID.items():
                pattern = {"arxiv": r"1706\.0376\d"}.get(field, wanted)
                if re.search(pattern, value):
                    where[field, column].add(f"`{key}`" if column != "line" else key)
    rows = [[field, *(", ".join(sorted(where[field, column])) or "–" for column in COLUMNS)] for field in SAID]
    table = "\n".join(f"| {' | '.join(row)} |" for row in [["field", *COLUMNS], ["---"] * (len(COLUMNS) + 1), *rows])
    assert table in DOCS, f"docs/metadata.md should say:\n{table}"


def test_the_table_has_every_field_of_the_content_model() -> None:
    assert {field.name for field in FIELDS} <= set(SAID)


# --- What a page says of itself

THERE = ("https://list.example/papers/journal/", "https://orcid.org/0000-0002-1825-0097")


def test_a_paper_page_has_the_highwire_tags_in_order(sampled: Site) -> None:
    tags = [pair for pair in Head(sampled.text("papers/journal/index.html")).metas if pair[0].startswith("citation_")]
    assert tags == [
        ("citation_title", "Zqtitle"),
        ("citation_author", "zqvon Zqfamily, Zqgiven, Zqjr"),
        ("citation_editor", "Zqeditor, Ed"),
        ("citation_publication_date", "1987/06/05"),
        ("citation_journal_title", "Zqvenue"),
        ("citation_volume", "77101"),
        ("citation_issue", "77202"),
        ("citation_firstpage", "77301"),
        ("citation_lastpage", "77302"),
        ("citation_publisher", "Zqpublisher"),
        ("citation_doi", "10.5555/zqdoi"),
        ("citation_arxiv_id", "1706.03760"),
        ("citation_abstract", "Zqabstract"),
        ("citation_keywords", "Zqtag"),
        ("citation_language", "fr-CA"),
        ("citation_public_url", THERE[0]),
        ("citation_pdf_url", "https://zq.example/pdf"),
    ]


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        ("conference", ("citation_conference_title", "Zqvenue")),
        ("thesis", ("citation_dissertation_institution", "Zqorganization")),
        ("preprint", ("DC.type", "preprint")),
    ],
)
def test_a_tag_tells_what_is_no_journal_article(kind: str, tag: tuple[str, str], sampled: Site) -> None:
    metas = Head(sampled.text(f"papers/{kind}/index.html")).metas
    assert tag in metas
    assert "citation_journal_title" not in dict(metas)


def test_a_paper_page_has_typed_links(sampled: Site) -> None:
    own, orcid = THERE
    links = Head(sampled.text("papers/journal/index.html")).links
    assert [link for link in links if link[0] in ("cite-as", "author", "type", "item", "describedby")] == [
        ("cite-as", "", "https://doi.org/10.5555/zqdoi"),
        ("author", "", orcid),
        ("type", "", "https://schema.org/AboutPage"),
        ("type", "", "https://schema.org/ScholarlyArticle"),
        ("item", "application/pdf", "https://zq.example/pdf"),
        ("describedby", "application/x-bibtex", f"{own}cite.bib"),
        ("describedby", "application/x-research-info-systems", f"{own}cite.ris"),
        ("describedby", "application/vnd.citationstyles.csl+json", f"{own}cite.json"),
    ]
    assert ("canonical", "", own) in links and ("alternate", "text/markdown", f"{own}index.md") in links


def follows_the_rules(data: Mapping[str, Any]) -> None:
    """Hold JSON-LD against the rules of docs/metadata.md."""
    assert data["@context"] == "https://schema.org"
    assert data["@type"] in ("ItemPage", "CollectionPage")
    assert data["url"].startswith("https://") and data["name"]
    assert data["isPartOf"]["@type"] == "WebSite"
    main = data["mainEntity"]
    if data["@type"] == "CollectionPage":
        items = main["itemListElement"]
        assert (main["@type"], main["numberOfItems"]) == ("ItemList", len(items))
        assert [item["position"] for item in items] == list(range(1, len(items) + 1))
        assert all(item["url"].startswith("https://") for item in items)
        return
    assert main["@type"] == "ScholarlyArticle"
    assert main["@id"].startswith("https://") and main["headline"] and main["name"]
    assert re.fullmatch(r"\d{4}(-\d\d){0,2}", main.get("datePublished", "2000"))
    for person in [*main.get("author", []), *main.get("editor", [])]:
        assert person["@type"] in ("Person", "Organization") and person["name"]
    for identifier in main.get("identifier", []):
        assert identifier["@type"] == "PropertyValue" and identifier["value"]
        assert identifier["propertyID"] in ("DOI", "arXiv")
    held = main.get("isPartOf")
    while held:
        assert held.get("name") or held.get("volumeNumber") or held.get("issueNumber")
        held = held.get("isPartOf")
    assert all(address.startswith("http") for address in main.get("sameAs", []))


def test_json_ld_follows_its_rules_on_every_page(sampled: Site) -> None:
    odd = Site(sampled.root.parent / "odd", six_papers.FILES)
    assert odd.build().ok
    seen = set()
    for made in (sampled, odd):
        for path, data in made.files().items():
            if path.endswith("index.html") and b"noindex" not in data:
                head = Head(data.decode())
                for block in head.data:
                    follows_the_rules(block)
                    seen.add(block["@type"])
                assert bool(head.data) == bool(
                    re.match(
                        r"(index|papers/|(tags|venues|authors|author-counts|organizations|curators|dates|page)/[^/]+/)",
                        path,
                    )
                ), path
    assert seen == {"ItemPage", "CollectionPage"}
    hostile = Head(odd.text("papers/hostile/index.html"))
    assert hostile.data[0]["mainEntity"]["headline"] == six_papers.HOSTILE
    assert dict(hostile.metas)["citation_title"] == six_papers.HOSTILE


def test_json_ld_of_a_paper_names_its_people_and_where_it_appeared(sampled: Site) -> None:
    (data,) = Head(sampled.text("papers/journal/index.html")).data
    paper_data = data["mainEntity"]
    assert paper_data["author"] == [
        {
            "@type": "Person",
            "@id": THERE[1],
            "name": "Zqgiven zqvon Zqfamily Zqjr",
            "givenName": "Zqgiven",
            "familyName": "zqvon Zqfamily",
            "honorificSuffix": "Zqjr",
            "affiliation": {"@type": "Organization", "name": "Zqaffiliation"},
            "url": "https://zq.example/person",
        }
    ]
    journal = {"@type": "Periodical", "name": "Zqvenue", "alternateName": "Zqshort"}
    volume = {"@type": "PublicationVolume", "volumeNumber": "77101", "isPartOf": journal}
    assert paper_data["isPartOf"] == {"@type": "PublicationIssue", "issueNumber": "77202", "isPartOf": volume}
    assert paper_data["@id"] == "https://doi.org/10.5555/zqdoi"
    assert paper_data["creativeWorkStatus"] == "Retracted"


@pytest.mark.parametrize(
    ("kind", "tag"),
    [
        ("thesis", ("citation_dissertation_institution", "A Lab")),
        ("report", ("citation_technical_report_institution", "A Lab")),
        ("inbook", ("DC.type", "bookSection")),
        ("dataset", ("DC.type", "dataset")),
    ],
)
def test_a_tag_tells_what_was_chosen_by_cite_as(kind: str, tag: tuple[str, str], site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper(venue="A Venue", organization="A Lab", cite_as=kind)})
    assert made.build().ok
    assert tag in Head(made.text("papers/a/index.html")).metas


def test_a_page_says_of_its_paper_what_its_record_says(site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper("One", cite_as={"title": "Another"})})
    assert made.build().ok
    head = Head(made.text("papers/a/index.html"))
    said = head.data[0]["mainEntity"]
    assert said["name"] == said["headline"] == dict(head.metas)["citation_title"] == "Another"
    assert "citation_language" not in dict(head.metas), "the paper does not say it"


# --- Files for programs


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("The Art of C #", r"# The Art of C \#"),
        (r"\$x\$ and $y$", r"# \$x\$ and $y$"),
        ("$a < b$", "# $a < b$"),
        ("$<b>$ of $[x](javascript:y)$", r"# \<b> of \[x\](javascript:y)"),
    ],
)
def test_a_title_is_no_markup_in_markdown(title: str, line: str, site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper(title)})
    assert made.build().ok
    assert made.text("papers/a/index.md").split("\n")[0] == line


@pytest.mark.parametrize(
    ("tagline", "line"),
    [("# One", r"> \# One"), ("1. One", r"> 1\. One"), ("- One", r"> \- One"), ("One - 1.", "> One - 1.")],
)
def test_a_tagline_is_no_markup_in_the_overview(tagline: str, line: str, site: Callable[..., Site]) -> None:
    made = site({"site.yml": f"{CONFIG}tagline: {json.dumps(tagline)}\n"})
    assert made.build().ok
    assert made.text("llms.txt").split("\n")[2] == line


def test_papers_json_has_each_paper_once_and_keeps_to_its_schema(sampled: Site) -> None:
    whole, schema = (json.loads(sampled.text(path)) for path in ("papers.json", "papers.schema.json"))
    assert whole["$schema"] == schema["$id"] == "https://list.example/papers.schema.json"
    assert whole["version"] == schema["properties"]["version"]["const"]
    properties = schema["properties"]["papers"]["items"]["properties"]
    assert {field.name for field in FIELDS} - {"draft"} <= set(properties)
    assert sorted(one["id"] for one in whole["papers"]) == [
        "conference",
        "journal",
        "old",
        "preprint",
        "thesis",
        "zq-later",
    ]
    for one in whole["papers"]:
        assert set(one) <= set(properties) and one["page"] == f"https://list.example/papers/{one['id']}/"


def test_an_arxiv_identifier_leads_to_its_paper(sampled: Site) -> None:
    assert 'href="/papers/journal/"' in sampled.text("arxiv/1706.03760/index.html")


def test_of_two_papers_with_one_arxiv_identifier_the_first_added_has_its_address(site: Callable[..., Site]) -> None:
    made = site()
    for name, day in (("a", "2024-02-01"), ("b", "2024-01-01"), ("c", None)):
        made.write(f"content/papers/{name}.md", paper(arxiv="math.GT/0309136", added=day))
    assert made.build().ok
    assert 'href="/papers/b/"' in made.text("arxiv/math.GT/0309136/index.html")


def test_the_overview_links_the_markdown_of_each_paper(sampled: Site) -> None:
    text = sampled.text("llms.txt")
    assert text.startswith("# A list\n") and "\n## Papers\n" in text
    for address in re.findall(r"\]\(https://list\.example/([^)]+)\)", text):
        assert (sampled.output / address / ("index.html" if address.endswith("/") else "")).is_file(), address
    assert "- [Zqtitle](https://list.example/papers/journal/index.md): Zqnote\n" in text


def test_the_list_in_the_order_of_its_additions_with_and_without_notes(sampled: Site) -> None:
    keys = ["journal", "preprint", "thesis", "conference", "old", "zq-later"]
    for ending, pattern in ((".bib", r"^@\w+{(.*),$"), (".biblatex.bib", r"^@\w+{(.*),$"), (".ris", r"^ID  - (\S+)")):
        for variant in ("papers", "papers-with-notes"):
            text = sampled.text(variant + ending)
            assert sorted(re.findall(pattern, text, re.MULTILINE)) == sorted(keys)
            assert ("Zqnote" in text) == (variant == "papers-with-notes")
    assert [one["id"] for one in json.loads(sampled.text("papers.csl.json"))] == [
        one["id"] for one in json.loads(sampled.text("papers.json"))["papers"]
    ]


@pytest.mark.parametrize("form", ["bibtex", "biblatex", "ris", "csl-json", "papers.json"])
def test_a_file_of_the_whole_list_is_written_in_parts_none_of_which_holds_two_papers(form: str) -> None:
    papers = [Paper(f"p{n}", f"content/papers/p{n}.md", f"Title {n}", body="A note.") for n in range(50)]
    records = tuple(map(record_of, papers))
    whole: Context = CitationsContext(url="/x", title="", records=records, notes=("A note.",) * 50)
    if form == "papers.json":
        whole = PapersContext(url="/x", title="", papers=tuple(papers))
    site = Shown("A list", "", "", "https://list.example/", "/", "en", "", "", (), (), (), True)
    parts = [part if isinstance(part, str) else part.decode() for part in WRITERS[form](whole, site, {})]
    assert all(len(set(re.findall(r"Title [0-9]+", part))) <= 1 for part in parts)
    assert sum("Title 4" in part for part in parts) == 11


def test_a_paper_may_be_superseded_by_a_draft_which_nothing_names_yet(site: Callable[..., Site]) -> None:
    made = site({"content/papers/old.md": paper("Old", status="superseded", superseded_by="new")})
    made.write("content/papers/new.md", paper("New", draft=True))
    done = made.build()
    assert done.ok, done.problems
    assert "  note = {Superseded},\n" in made.text("papers/old/cite.bib")
    assert made.build(drafts=True).ok
    assert "  note = {Superseded by “New”},\n" in made.text("papers/old/cite.bib")
