"""How problems are ordered, told apart and printed: for a person, for GitHub, and as JSON."""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Callable

import pytest

from site_gen.problems import (
    CODES,
    Location,
    Problem,
    as_data,
    as_github,
    as_text,
    has_errors,
    in_order,
    nearest,
    quoted,
    report,
)
from tests.sites import Site, paper

pytestmark = pytest.mark.smoke

ERROR = Problem("bad-date", Location("content/papers/a.md", 3, 7, "date: soon"), 'we found "soon"', "such as  2025")
WARNING = Problem("unknown-tag", Location("content/papers/a.md"), "the tag", "one line\nand another")


def test_a_code_has_a_severity_and_a_meaning() -> None:
    for code, (severity, meaning) in CODES.items():
        assert severity in ("error", "warning") and meaning and code == code.lower()


def test_errors_stop_and_with_strict_warnings_do() -> None:
    assert has_errors([WARNING, ERROR]) and not has_errors([WARNING]) and has_errors([WARNING], strict=True)
    assert not has_errors([], strict=True)


def test_problems_are_sorted_by_place_and_each_is_kept_once() -> None:
    later = Problem("bad-date", Location("content/papers/a.md", 10, 1), "x")
    other = Problem("bad-date", Location("content/papers/b.md", 1, 1), "x")
    assert in_order([other, later, ERROR, WARNING, ERROR]) == (WARNING, ERROR, later, other)


def test_a_report_shows_the_line_a_caret_and_the_help() -> None:
    assert as_text(ERROR) == (
        'content/papers/a.md:3:7: error: we found "soon" [bad-date]\n'
        "    3 | date: soon\n"
        "      |       ^\n"
        "  help: such as  2025"
    )
    assert as_text(WARNING).endswith("  help: one line\n        and another")
    assert "\x1b[" in as_text(ERROR, colour=True) and "\x1b[" not in as_text(ERROR)


@pytest.mark.parametrize(
    ("source", "column", "caret"),
    [
        ("ab: c", 5, "    ^"),
        ("李: c", 4, "    ^"),
        ("e\u0301: c", 5, "   ^"),
        ("\tx", 2, " ^"),
        ("x" * 200, 150, " " * 41 + "^"),
    ],
)
def test_the_caret_stands_under_its_column(source: str, column: int, caret: str) -> None:
    lines = as_text(Problem("tab", Location("x", 1, column, source), "m")).split("\n")
    assert lines[2] == "      | " + caret


def test_github_gets_commands_with_escapes() -> None:
    problem = Problem("tab", Location("a,b:c%.md", 3, 7), "50% of\nit", "do: it")
    assert as_github(problem) == "::error file=a%2Cb%3Ac%25.md,line=3,col=7,title=tab::50%25 of%0Ait%0Ahelp: do: it"


def test_github_gets_at_most_ten_commands_of_a_severity_and_the_text_of_all() -> None:
    many = [Problem("tab", Location("a", n), f"m{n}") for n in range(1, 15)] + [WARNING]
    text = report(many, "github")
    assert text.count("\n::error ") == 10 and text.count("\n::warning ") == 1
    assert all(f"m{n} [tab]" in text for n in range(1, 15))


def test_json_holds_everything() -> None:
    (data,) = json.loads(report([ERROR], "json"))
    assert data == as_data(ERROR) == {
        "severity": "error",
        "code": "bad-date",
        "path": "content/papers/a.md",
        "line": 3,
        "column": 7,
        "message": 'we found "soon"',
        "help": "such as  2025",
        "source": "date: soon",
    }  # fmt: skip
    assert as_data(WARNING)["line"] is None


def test_the_nearest_word_is_close_or_none() -> None:
    assert nearest("Autors", ["authors", "title"]) == "authors"
    assert nearest("colour", ["authors", "title"]) == ""


def test_quoted_text_is_short_and_harmless() -> None:
    assert quoted('a "b"') == '"a \\"b\\""'
    assert quoted("x" * 100) == '"' + "x" * 59 + '…"'
    assert quoted("\x1b[31m\u202e") == '"\ufffd[31m\ufffd"'


# --- Problems of the output folder and the theme, which no content causes


def codes(site: Site) -> list[str]:
    done = site.build()
    assert not done.ok
    return [problem.code for problem in done.problems]


def test_a_folder_with_files_of_somebody_else_is_not_ours(site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper(), "_site/notes.txt": "mine"})
    assert codes(made) == ["not-ours"]
    assert made.text("notes.txt") == "mine"


def test_a_file_that_we_did_not_write_is_foreign(site: Callable[..., Site]) -> None:
    made = site({"content/papers/a.md": paper()})
    assert made.build().ok
    made.write("content/papers/b.md", paper())
    made.write("_site/papers/b/index.html", "mine")
    assert codes(made) == ["foreign-file"]
    assert made.text("papers/b/index.html") == "mine"


def test_a_full_disk_is_a_message(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> None:
    def full(source: object, target: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(target))

    made = site({"content/papers/a.md": paper()})
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", full)
        assert codes(made) == ["output-failed"]
    assert made.build().ok


@pytest.mark.parametrize(
    "template", ["{{ page.nothing }}", "{% if %}", "{% include 'nothing.html.j2' %}", "{{ 1 / 0 }}"]
)
def test_a_template_that_cannot_be_rendered_is_reported_with_its_line(template: str, site: Callable[..., Site]) -> None:
    files = {"content/papers/a.md": paper(), "themes/own/templates/paper.html.j2": f"\n{template}\n"}
    made = site({"site.yml": "title: A list\ntheme: own\n", **files})
    assert codes(made) == ["template-error"]
    (problem,) = made.build().problems
    assert (problem.location.path, problem.location.line) == ("themes/own/templates/paper.html.j2", 2)
    assert problem.location.excerpt == template
