"""Which report does which content get? The cases are text files in `tests/cases/`; one can be added without Python.

A case is a title, files, and the report that `check` prints for a site of these files:

    === A title that says what is wrong
    >>> content/papers/a.md
    ---
    title: A: B
    ---
    <<<
    content/papers/a.md:2:9: error: …

`site.yml` and `added:` need not be given. After `>>> path escaped`, `\\xNN` is a byte. `pytest --refresh` writes the
reports anew: read the difference before committing it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from site_gen.problems import CODES, report
from tests.sites import Site

FOLDER = Path(__file__).parent / "cases"
NONE = "no problems"

# Codes that no content can produce alone, and the tests that produce them.
ELSEWHERE = {
    "foreign-file": "test_problems.py",
    "not-a-file": "test_threats.py",
    "not-ours": "test_problems.py",
    "output-failed": "test_problems.py",
    "search-failed": "test_search.py",
    "template-error": "test_problems.py",
    "too-large": "test_threats.py",
    "unreadable": "test_threats.py",
}


@dataclass(frozen=True)
class Case:
    """One case: where it stands, its files, and what is expected."""

    title: str
    files: tuple[tuple[str, str | bytes], ...]
    expected: str


def parse(text: str) -> Iterator[Case]:
    """Yield the cases of a file."""
    for part in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        title, rest = part.split("\n", 1)
        given, expected = re.split(r"^<<<\n", rest, maxsplit=1, flags=re.MULTILINE)
        files = []
        for one in re.split(r"^>>> ", given, flags=re.MULTILINE)[1:]:
            head, data = one.split("\n", 1)
            path = head.removesuffix(" escaped")
            files.append((path, data if path == head else _bytes(data)))
        yield Case(title, tuple(files), expected.strip("\n"))


def _bytes(data: str) -> bytes:
    return data.encode("ascii").decode("unicode_escape").encode("latin-1")


def with_reports(text: str, reports: list[str]) -> str:
    """Return the text of a file of cases with other reports."""
    head, *parts = re.split(r"^(?==== )", text, flags=re.MULTILINE)
    return head + "\n".join(
        part[: re.search(r"^<<<\n", part, flags=re.MULTILINE).end()] + report + "\n"  # type: ignore[union-attr]
        for part, report in zip(parts, reports, strict=True)
    )


FILES = sorted(FOLDER.glob("*.txt"))
CASES = {(path.stem, case.title): case for path in FILES for case in parse(path.read_text("utf-8"))}


def seen(case: Case, root: Path) -> str:
    """Return the report that the files of a case get."""
    return report(Site(root, dict(case.files)).check().problems, "text") or NONE


ODD_NAMES = "names"  # the file whose cases need files that not every system can have
PARAMETERS = [pytest.param(name, marks=[pytest.mark.smoke] * (name[0] != ODD_NAMES)) for name in CASES]


@pytest.mark.parametrize("name", PARAMETERS, ids=lambda name: f"{name[0]}: {name[1]}")
def test_case(name: tuple[str, str], tmp_path: Path, refresh: bool) -> None:
    if not refresh:
        assert seen(CASES[name], tmp_path) == CASES[name].expected


def test_refresh_writes_the_reports_of_all_cases(tmp_path: Path, refresh: bool) -> None:
    for path in FILES if refresh else FILES[:1]:
        text = path.read_text("utf-8")
        found = [seen(case, tmp_path / f"{path.stem}-{n}") for n, case in enumerate(parse(text))]
        if refresh:
            path.write_text(with_reports(text, found), "utf-8")
        else:
            assert with_reports(text, found) == text


def test_titles_are_unique() -> None:
    assert len(CASES) == sum(path.read_text("utf-8").count("\n=== ") for path in FILES)


def test_every_code_is_produced_by_a_case_or_by_a_test_named_here() -> None:
    expected = "\n".join(case.expected for case in CASES.values())
    produced = set(re.findall(r": (?:error|warning): .*\[([a-z0-9-]+)\]$", expected, flags=re.MULTILINE))
    assert produced | set(ELSEWHERE) == set(CODES)
    assert not produced & set(ELSEWHERE), "a case has it now: take it out of ELSEWHERE"


@pytest.mark.parametrize(("code", "module"), ELSEWHERE.items())
def test_the_module_named_for_a_code_has_it(code: str, module: str) -> None:
    assert f'"{code}"' in (Path(__file__).parent / module).read_text("utf-8")


def test_every_problem_has_a_help_line() -> None:
    """Also the problems of other tests: each block of a report names a file, or goes on with its help."""
    blocks = [block for case in CASES.values() for block in case.expected.split("\n\n") if block != NONE]
    assert [block for block in blocks if "\n  help: " not in block] == []
