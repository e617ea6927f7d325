"""What hostile content can do: each line of the threat model for content, by name, and the tests that show it.

Sections Markdown and templates, Front matter, Names and paths. `THREATS` maps what is feared to tests here or to cases
in `tests/cases/`. Bounds are on sizes, or so wide that only a program that hangs crosses them.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from unicodedata import normalize

import pytest

from site_gen import sources
from site_gen.build import Build
from site_gen.markup import MAX_MATH, inline_math, markdown, math, summary
from site_gen.problems import as_github, as_text, report
from site_gen.text import MAX_SLUG, plain, slug
from site_gen.yaml_text import Document, read
from tests.accidents import forbidden
from tests.sites import Elements, Site, paper
from tests.test_cases import CASES

Make = Callable[..., Site]
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="file systems of Windows have no such files")

THREATS = {
    # Markdown and templates
    "raw HTML and event handlers in body, title, tag, author, venue": "test_html_in_any_field_is_text",
    "javascript: in all its spellings; vbscript, file, data, blob, //host, user:pw@host": "test_no_link_leads_astray",
    "the same policy for links in front matter": "fields: links that are not plain links to the web",
    "remote images; no SVG": "markdown: images of elsewhere, missing, and without alt text",
    "images that are something else": "names: images that are something else",
    "{{ 7*7 }} and {% include %} in content": "test_template_syntax_in_content_is_text",
    "</script>, <!--, U+2028 in JSON-LD": "test_json_in_pages_cannot_be_left",
    "100,000 brackets, 50,000 quotes, a megabyte of text, a table of a thousand columns": "test_any_amount_of_markup_is_bounded",
    "math that recurses, does not parse or carries script": "test_math_is_sanitised_or_shown_as_source",
    "bidi controls, zero-width characters, a thousand combining marks": "fields: characters that cannot be seen, and stacks of marks",
    "titles of 10,000 characters": "test_a_very_long_title_is_warned_about_and_isolated",
    # Front matter
    "billion laughs; an anchor that contains itself": "test_nothing_is_expanded",
    "50,000 brackets; 50,000 keys; 5 MB of title": "test_any_front_matter_is_read_or_refused",
    "duplicate keys": "yaml: duplicate keys are named with both lines",
    "!!python, !!set, !!binary": "yaml: anchors, aliases, tags and merges",
    "an unquoted colon": "yaml: a colon and a space in a title",
    "@ % ` * ! [": "yaml: values that start with a character of YAML's own",
    "more of them": "yaml: more values that start with a character of YAML's own",
    "impossible dates": "fields: dates that no calendar has, and dates in other forms",
    "future dates": "fields: a date after the newest addition",
    "text where a list is asked for": "fields: text where a list is asked for",
    "the reverse": "fields: a list or a mapping where text is asked for",
    "authors: []": "fields: empty lists and empty items",
    "a list or plain text as the root": "yaml: the front matter is a list, text or nothing",
    "two documents": "yaml: a second document",
    "no closing ---": "yaml: the file does not start with front matter",
    "--- in the body": "yaml: three dashes in the body are a rule",
    "BOM, CRLF, lone CR": "yaml: a byte order mark, CRLF and lone CR",
    "NUL, DEL": "yaml: NUL, DEL and other control characters",
    "invalid UTF-8, UTF-16; a lone surrogate": "yaml: UTF-16, Latin-1 and a lone surrogate",
    "a tab": "yaml: a tab before a key, after a key, and after a dash",
    "an unknown key": "fields: an unknown field, close to one and close to none",
    # Names and paths
    "tags that naive slugs merge": "test_names_that_naive_slugs_merge_have_pages_of_their_own",
    "../../etc, %2e%2e%2f, a backslash, NUL, device names, our own names": "test_no_name_makes_a_path_that_leads_elsewhere",
    "255 bytes": "test_a_slug_fits_in_its_bytes",
    "trailing dots and device names in static/": "names: names in static/ that Windows refuses",
    "two papers that differ in case or normal form only": "names: papers whose names differ in case only, or stand in different folders",
    "files that differ in normal form only": "test_files_that_differ_in_normal_form_clash",
    "file names with invalid UTF-8": "test_names_that_are_not_utf8_are_refused",
    "file names with spaces, #, ?, %": "names: names of files that cannot be the id of a paper",
    "symlinks (file, folder, loop, /proc/self/environ, /dev/zero), FIFOs": "test_links_and_pipes_are_refused_and_not_followed",
    "read at most to the limit": "test_files_are_read_at_most_to_their_limit",
    "an alias that points at an existing page": "names: old addresses that belong to somebody",
    "an alias that points outside": "fields: flags, languages, citations, extras and aliases of another form",
    # Messages
    "content that steers a terminal or a workflow": "test_messages_cannot_steer_a_terminal_or_a_workflow",
}


@pytest.mark.parametrize("threat", THREATS)
def test_every_threat_has_its_test(threat: str) -> None:
    name = THREATS[threat]
    assert callable(globals().get(name)) or tuple(name.split(": ", 1)) in CASES


# --- Markdown and templates

EVIL = '<script>alert(1)</script><img src=x onerror="alert(1)">&lt;'


def build(site: Site) -> Build:
    done = site.build()
    assert done.ok, report(done.problems, "text")
    return done


def test_html_in_any_field_is_text(site: Make) -> None:
    fields = {
        "authors": [EVIL, {"name": EVIL, "affiliation": EVIL}],
        "tags": [EVIL],
        "venue": {"name": EVIL, "short": EVIL, "pages": EVIL, "volume": EVIL, "publisher": EVIL},
        "organization": EVIL,
        "added_by": EVIL,
        "abstract": EVIL,
        "extra": {"note": EVIL},
        "discussion": {"comments": 3},
        "date": "2023-12-12",
    }
    made = site(
        {
            "site.yml": f"title: '{EVIL}'\ntagline: '{EVIL}'\ndescription: '{EVIL}'\nlicense: '{EVIL}'\n"
            f"curators: ['{EVIL}']\nbase_url: https://list.example/\n",
            "content/papers/a.md": paper(EVIL, EVIL + "\n\n" + EVIL, **fields),
            "content/papers/b.md": paper(EVIL, "", **fields),
            "content/tags.yml": f"'{EVIL}': {{description: '{EVIL}', synonyms: ['{EVIL}2']}}\n",
            "content/pages/about.md": f"---\ntitle: '{EVIL}'\n---\n{EVIL}\n",
        }
    )
    build(made)
    for path, data in made.files().items():
        if path.endswith((".html", ".xml")):
            text = data.decode()
            assert "<script>alert" not in text and "<img src=x" not in text, path
            assert not any(name.startswith("on") for _, had in Elements(text).found for name in had), path


ASTRAY = """
javascript:alert(1) JaVaScRiPt:alert(1) java&#115;cript:x javascript&colon;x &#106;avascript:x &#x6A;avascript:x
javascript&#58;x java&Tab;script:x java&NewLine;script:x java%0ascript:x \\javascript:x vbscript:x VBScript:x
data:text/html,x DATA:text/html;base64,eA== file:///etc/passwd blob:https://example.org/x //evil.example
///evil.example /\\evil.example \\\\evil.example http:evil.example https:/evil.example https:///evil.example
https://user:pw@example.org https://user@example.org http://:80 ftp://example.org chrome://x about:blank ws://x
mailto:nobody tel:1 intent://x view-source:https://x feed:javascript:x jar:x x: ../up ?query
http://[::1 https://example.org:port/ /a/../../b
""".split()


@pytest.mark.parametrize("address", ASTRAY)
def test_no_link_leads_astray(address: str) -> None:
    for source in (
        f"[text]({address})",
        f"[text](<{address}>)",
        f'[text]({address} "title")',
        f"<{address}>",
        f"[text]\n\n[text]: {address}",
        f"[text][ref]\n\n[ref]: <{address}>",
        f"![text]({address})",
        f"[![text]({address})]({address})",
    ):
        for link in Elements(markdown(source)).links():
            # What is left can only lead to this site; a percent sign made it a part of a path.
            assert link.startswith("/%5C"), (source, link)


@pytest.mark.parametrize("space", ["\t", "\n", "\r\n", "\x0b", "\u00a0", "\u2028", "\u200b", "\ufeff", "\x01"])
def test_blanks_inside_a_scheme_do_not_hide_it(space: str) -> None:
    for source in (f"[a](java{space}script:x)", f"[a](<java{space}script:x>)", f"[a]({space}javascript:x)"):
        assert all(not link.lower().lstrip().startswith(("java", "%")) for link in Elements(markdown(source)).links())


def test_links_that_are_fine_stay_and_outward_ones_tell_nothing() -> None:
    html = markdown("[a](https://example.org/?a=1&b=2#c) [b](/papers/x/) [c](#d) [e](mailto:a@example.org)", "/repo/")
    assert Elements(html).links() == ["https://example.org/?a=1&b=2#c", "/repo/papers/x/", "#d", "mailto:a@example.org"]
    assert html.count('rel="noopener noreferrer"') == 2


def test_images_are_the_sites_own() -> None:
    html = markdown("![a](/images/a.png) ![b](https://example.org/b.png) ![c](/papers/c.png)", "/repo/")
    assert Elements(html).links() == ["/repo/images/a.png"]


def test_template_syntax_in_content_is_text(site: Make) -> None:
    for syntax in ("{{ 7*7 }}", "{% include 'base.html.j2' %}", "{# x #}", "{{ site.title }}"):
        made = site({"content/papers/a.md": paper(f"T {syntax}", f"B {syntax}", tags=[syntax], venue=syntax)})
        build(made)
        text = made.text("papers/a/index.html").replace("&#39;", "'")
        assert f"T {syntax}" in text and f"B {syntax}" in text


def test_json_in_pages_cannot_be_left(site: Make) -> None:
    evil = "</script><!--<script>\u2028 ]]>"
    made = site({"content/papers/a.md": paper(evil, evil, venue=evil, authors=[{"name": evil}])})
    build(made)
    for path, data in made.files().items():
        if path.endswith(".html"):
            assert "</script><!--" not in data.decode() and "<!--<script" not in data.decode(), path
            for inside in re.findall(r"(?s)<script[^>]*>(.*?)</script>", data.decode()):
                assert "<" not in inside and "\u2028" not in inside, path


N = 100_000
AMOUNTS = {
    "brackets": "[" * N,
    "image brackets": "![" * 20_000,
    "links that do not end": "[a](" * (N // 4),
    "links in links": "[" * 20_000 + "a" + "](/b)" * 20_000,
    "quotes": ">" * (N // 2),
    "quotes with spaces": "> " * (N // 2),
    "lists": "- " * (N // 2),
    "stars": "*a " * 25_000,
    "underscores": "a_" * 25_000,
    "backticks": "".join("`" * n + " " for n in range(700)),
    "dollars": "$" * N,
    "formulas": "$a$ " * 60_000,
    "display formulas": "$$\n" * 50_000,
    "open formulas": "$$a\n\n" * 50_000,
    "open formulas in a list": "- $$a\n" * 40_000,
    "angles": "<" * N,
    "comments": "<!--" * 50_000,
    "entities": "&amp;" * 50_000,
    "references": "".join(f"[r{n}]: /x\n" for n in range(15_000)) + "[r1]" * 10_000,
    "a text without a blank": "x" * sources.MAX_BODY,
    "a text of words": "word " * (sources.MAX_BODY // 5),
    "a wide table": "|a" * 1000 + "|\n" + "|-" * 1000 + "|\n" + ("|b" * 1000 + "|\n") * 20,
    "a table of short rows": "|a" * 1000 + "|\n" + "|-" * 1000 + "|\n" + "|b\n" * 10_000,
    "blanks": " \n" * N,
}


@pytest.mark.parametrize("name", AMOUNTS)
def test_any_amount_of_markup_is_bounded(name: str) -> None:
    source = AMOUNTS[name][: sources.MAX_BODY]
    assert len(markdown(source)) < 8 * sources.MAX_BODY
    assert len(summary(source)[0]) < 400


HOSTILE_MATH = [
    "{" * 1000,
    "{" * 900 + "x" + "}" * 900,
    r"\frac{" * 300,
    "x_{" * 600,
    r"\left(" * 300,
    r"\begin{matrix}" * 100,
    r"\begin{array}{" + "c" * 1900 + "}a",
    r"\def\a{\a\a}\a",
    r"\newcommand{\x}{\x}\x",
    r"\text{<script>alert(1)</script>}",
    r"\href{javascript:alert(1)}{x}",
    r"\class{evil}{x}",
    r"\style{background:url(//evil.example)}{x}",
    r"\color{red\" onclick=\"alert(1)}{x}",
    r"<img src=x onerror=alert(1)>",
    r"\mathrm{</math><script>alert(1)</script>}",
    r"</mi></math><b onclick=x>",
    r"\unicode{x3c}",
    r"\hspace{999999999em}\rule{9999em}{9999em}",
    r"\require{html}\htmlData{a=b}{x}",
    "\\",
    "^",
    "&",
    r"\right)",
    "x" * (MAX_MATH + 1),
]
MATHML = set(
    "math semantics mrow mi mn mo mtext mspace ms mfrac msqrt mroot mstyle merror mpadded mphantom msub msup".split()
)
MATHML |= set("msubsup munder mover munderover mmultiscripts mprescripts mtable mtr mtd menclose code p".split())


@pytest.mark.parametrize("source", HOSTILE_MATH, ids=range(len(HOSTILE_MATH)))
def test_math_is_sanitised_or_shown_as_source(source: str) -> None:
    for html in (math(source), math(source, "block"), inline_math(f"${source}$"), markdown(f"${source}$")):
        elements = Elements(html)
        if "$" not in html:  # else it was no formula to the parser, and is text
            assert {tag for tag, _ in elements.found} <= MATHML
        for _, had in elements.found:
            assert not any(name.startswith("on") or name in ("href", "style", "id", "src") for name in had)
            assert not any(re.search("[0-9]{3}", value or "") for name, value in had.items() if name != "xmlns")
        assert len(html) < 40 * MAX_MATH
    assert len(plain(f"${source}$")) <= len(source) + 2


def test_a_very_long_title_is_warned_about_and_isolated(site: Make) -> None:
    made = site({"content/papers/a.md": paper("\u202e" + "x" * 10_000, authors=["\u202eMallory"])})
    assert {problem.code for problem in build(made).problems} == {"very-long", "invisible-character"}
    text = made.text("papers/a/index.html")
    assert re.search(r'<h1[^>]*dir="auto"', text) or "<bdi>\u202e" in text


# --- Front matter


def test_nothing_is_expanded() -> None:
    laughs = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    for source in (laughs, "a: &a [*a]", "a: &a {b: *a}", "? &a [*a]\n: x"):
        mapping, problems = read(source, Document("x.md", source.split("\n")))
        assert {problem.code for problem in problems} == {"yaml-feature"}
        assert mapping is None or all(not getattr(node, "items", ()) for _, node in mapping.pairs)


FRONT = {
    "brackets": "tags: " + "[" * 50_000,
    "brackets that close": "tags: " + "[" * 25_000 + "]" * 25_000,
    "braces": "extra: " + "{a: " * 12_000,
    "dashes": "tags:\n " + "- " * 30_000 + "x",
    "questions": "? " * 20_000,
    "keys": "\n".join(f"k{n}: 1" for n in range(50_000)),
    "keys below the limit": "\n".join(f"k{n}: 1" for n in range(6_000)),
    "keys that are one": "\n".join("k: 1" for _ in range(9_000)),
    "broken lines": "\n".join(f"k{n}: a: b" for n in range(5_000)),
    "open quotes": "\n".join(f'k{n}: "x' for n in range(5_000)),
    "a long key": "k" * 5_000 + ": x",
    "5 MB": "venue: " + "x" * 5_000_000,
    "backslashes": 'venue: "' + "\\" * 60_001 + '"',
    "cuts": "venue: " + "a #" * 15_000,
    "blank lines": "\n" * 60_000,
    "percent signs": "%" * 60_000,
}


@pytest.mark.parametrize("name", FRONT)
def test_any_front_matter_is_read_or_refused(name: str, site: Make) -> None:
    done = site({"content/papers/a.md": f"---\ntitle: A\nadded: 2024-01-01\n{FRONT[name]}\n---\n"}).check()
    assert done.ok == (name == "blank lines")
    assert all(problem.location.path == "content/papers/a.md" for problem in done.problems)


# --- Names and paths

ALIKE = [
    ["C++", "C#", "C", "c plus plus", "c sharp"],
    ["R&D", "R and D", "RD", "r-d"],
    ["caf\u00e9", "cafe"],
    ["Straße", "strase"],
    ["\ufb01ne", "fine."],
    ["\u212a", "k."],
    ["😀", "🎉", "😀😀"],
    [".", "..", "...", "-", "/", "\\"],
    ["a/b", "a b", "a.b", "a_b"],
    ["\u0130", "i", "ı"],
    ["a\u200bb", "ab"],
    ["०", "0"],
]
SAME = [
    ["NLP", "nlp", " nlp "],
    ["caf\u00e9", "cafe\u0301"],
    ["Straße", "STRASSE"],
    ["\u212a", "k"],
    ["\ufb01ne", "fine"],
    ["\u0130", "i\u0307"],
    [".", " . "],
]


@pytest.mark.parametrize("names", ALIKE, ids=range(len(ALIKE)))
def test_names_that_naive_slugs_merge_have_pages_of_their_own(names: list[str], site: Make) -> None:
    made = site({f"content/papers/p{n}.md": paper(tags=[name]) for n, name in enumerate(names)})
    build(made)
    pages = [path for path in made.files() if re.fullmatch(r"tags/[^/]+/index.html", path)]
    assert len(pages) == len(names)


@pytest.mark.parametrize("names", SAME, ids=range(len(SAME)))
def test_spellings_of_one_name_share_a_page(names: list[str], site: Make) -> None:
    made = site({f"content/papers/p{n}.md": paper(tags=[name]) for n, name in enumerate(names)})
    build(made)
    assert len([path for path in made.files() if re.fullmatch(r"tags/[^/]+/index.html", path)]) == 1


EVIL_NAMES = [
    *"""
../../etc ..%2f..%2fetc %2e%2e%2f %2e . .. ... / // \\ ..\\.. C:\\x ~ ~root con PRN aux.txt nul. COM1 lpt9.x com¹ index feed 404
pagefind search page letter index.html feed.xml .git .htaccess a:b a*b a?b a|b a"b <b> 'b $(b) `b` ;b &b
""".split(),
    "a\x1b[31m",
    "trailing ",
    "trailing.",
    "x" * 300,
    "é" * 300,
    "👩‍👩‍👧" * 100,
]


def test_no_name_makes_a_path_that_leads_elsewhere(site: Make) -> None:
    usable = [name for name in EVIL_NAMES if "\x1b" not in name]
    made = site(
        {
            f"content/papers/p{n}.md": paper(
                tags=[name],
                venue=name,
                organization=name,
                added_by=name,
                authors=[{"name": name}, {"name": name + "2"}],
            )
            for n, name in enumerate(usable)
        }
    )
    made.write("site.yml", "title: A list\nauthor_page_min_papers: 1\n")
    before = {path for path in made.root.rglob("*") if made.output not in path.parents}
    build(made)
    assert {path for path in made.root.rglob("*") if made.output not in path.parents} - before == {made.output}
    for path in made.files():
        for part in path.split("/"):
            assert not re.search(r'[<>:"|?*\\\x00-\x1f\x7f#%]', part), path
            assert not part.endswith((".", " ")) and part not in ("", ".", ".."), path
            assert not re.fullmatch(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\..*)?", part), path
            assert len(part.encode()) <= 255 and part == normalize("NFC", part), path


@pytest.mark.parametrize("name", EVIL_NAMES)
def test_a_slug_fits_in_its_bytes(name: str) -> None:
    assert 0 < len(slug(name).encode()) <= MAX_SLUG


@needs_posix
def test_files_that_differ_in_normal_form_clash(site: Make) -> None:
    made = site({f"static/{normalize('NFC', 'é')}.txt": "1", f"static/{normalize('NFD', 'é')}.txt": "2"})
    assert [problem.code for problem in made.check().problems] == ["clash"]


@needs_posix
@pytest.mark.skipif(sys.platform == "darwin", reason="names are UTF-8 there")
def test_names_that_are_not_utf8_are_refused(site: Make) -> None:
    made = site({"content/papers/a.md": paper()})
    with open(os.fsencode(made.root / "content/papers") + b"/\xff.md", "w") as file:
        file.write(paper())
    (problem,) = made.check().problems
    assert (problem.code, problem.location.path) == ("bad-name", "content/papers/\ufffd.md")


@needs_posix
def test_links_and_pipes_are_refused_and_not_followed(site: Make) -> None:
    made = site({"content/papers/a.md": paper()})
    papers = made.root / "content/papers"
    for name, target in {"env": "/proc/self/environ", "zero": "/dev/zero", "own": "a.md", "loop": "loop.md"}.items():
        (papers / f"{name}.md").symlink_to(target)
    (papers / "up").symlink_to("..")
    os.mkfifo(papers / "pipe.md")
    (made.root / "static").symlink_to("/etc")
    (made.root / "content/images").symlink_to("/etc")
    (made.root / "content/tags.yml").symlink_to("/etc/passwd")
    done = made.check()
    expected = [f"content/papers/{name}" for name in ("env.md", "loop.md", "own.md", "pipe.md", "up", "zero.md")]
    assert [p.location.path for p in done.problems] == ["content/images", *expected, "content/tags.yml", "static"]
    assert {p.code for p in done.problems} == {"not-a-file"}
    assert not made.build().ok and not made.output.exists()


@needs_posix
def test_settings_are_a_plain_file_of_text(site: Make) -> None:
    made = site({"site.yml": b"title: \xff\n"})
    (problem,) = made.check().problems
    assert (problem.code, str(problem.location)) == ("bad-config", "site.yml:1:8")
    made.remove("site.yml")
    (made.root / "site.yml").symlink_to("/proc/self/environ")
    (problem,) = made.check().problems
    assert problem.code == "bad-config" and "symbolic link" in problem.message


@needs_posix
def test_a_content_folder_that_is_a_link_is_not_entered(site: Make, tmp_path: Path) -> None:
    other = Site(tmp_path / "other", {"content/papers/a.md": "broken"})
    made = site()
    (made.root / "content").symlink_to(other.root / "content")
    assert [(p.code, p.location.path) for p in made.check().problems] == [("not-a-file", "content")]


@needs_posix
def test_the_settings_are_not_read_through_a_link(site: Make) -> None:
    made = site()
    (made.root / "site.yml").rename(made.root / "other.yml")
    (made.root / "site.yml").symlink_to("other.yml")
    assert not made.check().ok


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("content/papers/a.md", sources.MAX_TEXT),
        ("content/pages/a.md", sources.MAX_TEXT),
        ("content/tags.yml", sources.MAX_VOCABULARY),
        ("content/images/a.png", sources.MAX_IMAGE),
    ],
)
def test_files_are_read_at_most_to_their_limit(path: str, limit: int, site: Make) -> None:
    made = site({path: b"x" * (limit + 1)})
    assert [(p.code, p.location.path) for p in made.check().problems] == [("too-large", path)]


@pytest.mark.parametrize(("front", "body"), [(sources.MAX_FRONT + 1, 1), (1, sources.MAX_BODY + 1)])
def test_front_matter_and_text_have_limits_of_their_own(front: int, body: int, site: Make) -> None:
    made = site({"content/papers/a.md": paper(abstract="x" * front, body="x" * body)})
    assert [p.code for p in made.check().problems] == ["too-large"]


def test_a_file_that_cannot_be_read_is_reported(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: object, flags: int) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    made = site({"content/papers/a.md": paper()})
    with monkeypatch.context() as patched:
        patched.setattr(sources.os, "open", refuse)
        _, problems = sources.read_sources(made.root)
    assert [(p.code, p.location.path) for p in problems] == [("unreadable", "content/papers/a.md")]


@pytest.mark.parametrize(
    ("folder", "reported"),
    [
        ("content", ["content"]),
        ("content/papers", ["content/papers"]),
        ("content/papers/deep", ["content/papers/deep"]),
        ("static", ["static"]),
    ],
)
def test_a_folder_that_cannot_be_read_is_reported(folder: str, reported: list[str], site: Make) -> None:
    made = site({"content/papers/deep/a.md": paper(), "content/images/a.png": "", "static/a.txt": ""})
    with forbidden(made.root / folder):
        found = made.check().problems
        assert not made.build().ok
    assert [p.location.path for p in found if p.code == "unreadable"] == reported


def test_a_folder_that_is_a_file_is_reported(site: Make) -> None:
    made = site({"content/papers": "not a folder"})
    assert "unreadable" in [p.code for p in made.check().problems]


def test_a_paper_with_errors_is_not_reported_again_where_another_one_names_it(site: Make) -> None:
    made = site(
        {
            "content/papers/a.md": paper(status="superseded", superseded_by="b"),
            "content/papers/b.md": "no front matter\n",
        }
    )
    assert [problem.code for problem in made.check().problems] == ["bad-front-matter"]


# --- Messages


def test_messages_cannot_steer_a_terminal_or_a_workflow(site: Make) -> None:
    evil = "\x9b31m::error file=x::\u202e %0A"
    done = site(
        {"content/papers/a.md": f"---\n::error::x\n{evil}: y\n---\n", "content/papers/::add-mask::x.md": "x"}
    ).check()
    assert done.problems
    lines = report(done.problems, "github").split("\n")
    # Between a word that content cannot hold, no line is a command; after it, only ours.
    word = lines[0].removeprefix("::stop-commands::")
    again = lines.index(f"::{word}::")
    assert len(word) == 32 and not any(word in line for line in lines[1:again])
    assert lines[again + 1 :] == [as_github(problem) for problem in done.problems]
    for problem in done.problems:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", as_text(problem))
        assert "\n" not in as_github(problem)
