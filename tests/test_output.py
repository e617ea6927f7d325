"""What happens to the output folder when something is wrong, in the way, or cut short.

A build never touches what is not its own, changes nothing while there is an error, and leaves every file old or new at
every moment, so that the next build completes what one that was killed has left.
"""

from __future__ import annotations

import itertools
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from errno import EACCES, EROFS
from pathlib import Path
from typing import Any

import pytest

import site_gen.build
from site_gen import output, workers
from site_gen.cli import main
from site_gen.output import MANIFEST, STAGE, Diff, Manifest, Record, diff
from tests import small_theme
from tests.accidents import Killed, failing_at, killed_at, tree
from tests.sites import CONFIG, Site, paper

REPOSITORY = Path(__file__).resolve().parent.parent
SMALL = f"{CONFIG}theme: small\n"
MakeSite = Callable[..., Site]


@pytest.fixture
def small(site: MakeSite) -> Site:
    """A site of three papers with the small theme, not built yet."""
    files = {f"content/papers/{name}.md": paper(name, tags=[name]) for name in ("a", "b", "c")}
    return site({"site.yml": SMALL, "static/notes.txt": "notes", **small_theme.files(), **files})


def stamps(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Return the time of change and the bytes of everything below a folder."""
    return {path: ((folder / path).lstat().st_mtime_ns, data) for path, data in tree(folder).items()}


def run(small: Site, capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Build by the command line; return the exit code and what was printed."""
    code = main(["build", "--config", str(small.root / "site.yml"), "--no-search", *words])
    printed = capsys.readouterr()
    assert "Traceback" not in printed.err
    return code, printed.out


# --- The comparison, which is pure --------------------------------------------------------------------------------------


def record(fingerprint: str, digest: str) -> Record:
    return Record(fingerprint, digest, 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("listed", "disk", "expected"),
    [
        ({}, {}, "write"),
        ({"x": record("f", "d")}, {"x": "d"}, "keep"),
        ({"x": record("other", "d")}, {"x": "d"}, "write"),
        ({"x": record("f", "d")}, {"x": "damaged"}, "write"),
        ({"x": record("f", "d")}, {}, "write"),
        ({"x": Record()}, {"x": "d"}, "write"),
        ({}, {"x": "?"}, "foreign"),
        ({"x": record("f", "d")}, {"x": ""}, "foreign"),
        ({"x/y": record("f", "d")}, {"x": ""}, "write"),  # a folder that may turn out to be empty
    ],
    ids=["new", "same", "changed", "damaged", "missing", "unsure", "foreign", "replaced", "emptied"],
)
def test_a_wanted_file_is_written_kept_or_foreign(
    listed: dict[str, Record], disk: dict[str, str], expected: str
) -> None:
    change = diff({"x": "f"}, Manifest(files=listed), disk)
    assert [name for name in ("write", "keep", "foreign") if getattr(change, name) == ("x",)] == [expected]


def test_what_is_listed_and_not_wanted_is_deleted() -> None:
    assert diff({}, Manifest(files={"b": Record(), "a": Record()}), {"c": "?"}) == Diff((), ("a", "b"), (), ())


# --- Folders that a build refuses ---------------------------------------------------------------------------------------


def refused(small: Site, folder: Path, capsys: pytest.CaptureFixture[str], *, named: str = "") -> str:
    code, printed = run(small, capsys, "--output", str(folder))
    assert code == 2
    assert "[not-ours]" in printed
    assert (named or str(folder)) in printed
    assert "help: " in printed
    return printed


def test_the_root_of_the_disk_is_refused(small: Site, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(os.listdir("/"))
    refused(small, Path("/"), capsys)
    assert sorted(os.listdir("/")) == before


@pytest.mark.parametrize(
    "where",
    ["home", "home/site", "home/site/content", "home/site/content/papers/new", "home/site/.git", "home/site/themes"],
)
def test_folders_that_hold_more_than_a_site_are_refused(
    where: str, small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    shutil.move(small.root, home / "site")
    moved = Site(home / "site", {"site.yml": SMALL, ".git/config": "[core]"})
    before = stamps(home)
    refused(moved, tmp_path / where, capsys)
    assert stamps(home) == before


def test_home_itself_is_refused_also_when_the_site_is_elsewhere(
    small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "home").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    refused(small, tmp_path / "home", capsys)
    assert not tree(tmp_path / "home")


def test_a_symbolic_link_is_refused(small: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    refused(small, tmp_path / "link", capsys)
    assert not tree(tmp_path / "real")


def test_a_file_is_refused(small: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine")
    refused(small, tmp_path / "file", capsys)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_of_somebody_else_is_refused_and_the_help_names_it(
    small: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = tmp_path / "theirs"
    (theirs / "papers/a").mkdir(parents=True)
    (theirs / "papers/a/index.html").write_text("mine")
    before = stamps(theirs)
    printed = refused(small, theirs, capsys)
    assert f"remove it first:  {theirs}" in printed
    assert stamps(theirs) == before


def test_an_empty_folder_is_used(small: Site, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert small.build(output=tmp_path / "empty").ok


def test_missing_parents_of_the_output_folder_are_made(small: Site, tmp_path: Path) -> None:
    assert small.build(output=tmp_path / "one/two/three").ok


# --- Files of somebody else in the output folder ------------------------------------------------------------------------


def test_a_foreign_file_where_a_page_goes_is_a_problem_and_nothing_is_written(
    small: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    small.build()
    small.write("content/papers/d.md", paper("d"))
    small.write("content/papers/e.md", paper("e"))
    for name in ("d", "e"):
        small.write(f"_site/papers/{name}/index.html", "mine")
    before = stamps(small.output)
    code, printed = run(small, capsys)
    assert code == 2
    assert printed.count("[foreign-file]") == 2
    assert "_site/papers/d/index.html" in printed and "_site/papers/e/index.html" in printed
    assert stamps(small.output) == before


@pytest.mark.parametrize("kind", ["file", "link", "folder", "link to a file"])
def test_something_foreign_where_a_folder_or_file_goes_is_a_problem(kind: str, small: Site, tmp_path: Path) -> None:
    small.build()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "mine").write_text("mine")
    small.write("content/papers/d.md", paper("d"))
    place = small.output / "papers/d"
    if kind == "file":
        place.write_text("mine")
    elif kind == "link":
        place.symlink_to(tmp_path / "elsewhere")
    elif kind == "folder":
        (place / "index.html").mkdir(parents=True)
    else:
        place.mkdir()
        (place / "index.html").symlink_to(tmp_path / "mine")
    before = stamps(small.output)
    done = small.build()
    assert not done.ok and {problem.code for problem in done.problems} == {"foreign-file"}
    assert stamps(small.output) == before
    assert not tree(tmp_path / "elsewhere") and (tmp_path / "mine").read_text() == "mine"


def test_foreign_files_elsewhere_stay_also_when_their_folder_is_not_needed_any_more(small: Site) -> None:
    small.build()
    for path in ("CNAME", "papers/a/mine.txt", "own/index.html", ".nojekyll"):
        small.write(f"_site/{path}", "mine")
    small.remove("content/papers/a.md")
    assert small.build().ok
    assert {path for path, data in small.files().items() if data == b"mine"} == {
        "CNAME",
        "papers/a/mine.txt",
        "own/index.html",
        ".nojekyll",
    }
    assert "papers/a/index.html" not in small.files()


def test_nothing_is_written_or_deleted_through_a_link_to_a_folder(small: Site, tmp_path: Path) -> None:
    small.build()
    shutil.move(small.output / "papers", tmp_path / "elsewhere")
    (small.output / "papers").symlink_to(tmp_path / "elsewhere")
    before = stamps(tmp_path / "elsewhere")
    small.write("content/papers/a.md", paper("Another title"))
    done = small.build()
    assert not done.ok and {problem.code for problem in done.problems} == {"foreign-file"}
    small.write("content/papers/a.md", paper("a", tags=["a"]))
    small.remove("content/papers/b.md")
    small.build()
    assert stamps(tmp_path / "elsewhere") == before


def test_a_file_that_lies_behind_a_link_now_is_not_deleted(small: Site, tmp_path: Path) -> None:
    small.write("static/more/one.txt", "1")
    small.build()
    shutil.move(small.output / "more", tmp_path / "elsewhere")
    (small.output / "more").symlink_to(tmp_path / "elsewhere")
    small.remove("static/more/one.txt")
    assert small.build().ok
    assert (tmp_path / "elsewhere/one.txt").read_text() == "1"


def test_a_folder_that_stands_where_a_listed_file_was_stays_when_the_file_goes(small: Site) -> None:
    small.build()
    (small.output / "notes.txt").unlink()
    small.write("_site/notes.txt/mine", "mine")
    small.remove("static/notes.txt")
    assert small.build().ok
    assert (small.output / "notes.txt/mine").read_text() == "mine"
    assert not small.build().deleted


def test_a_file_of_ours_may_become_a_folder_and_the_folder_a_file(small: Site) -> None:
    small.build()
    small.remove("static/notes.txt")
    small.write("static/notes.txt/one", "1")
    done = small.build()
    assert (done.written, done.deleted) == (("notes.txt/one",), ("notes.txt",))
    small.remove("static/notes.txt/one")
    (small.root / "static/notes.txt").rmdir()
    small.write("static/notes.txt", "notes")
    done = small.build()
    assert (done.written, done.deleted) == (("notes.txt",), ("notes.txt/one",))


def test_a_folder_with_a_foreign_file_does_not_become_a_file(small: Site) -> None:
    small.remove("static/notes.txt")
    small.write("static/notes.txt/one", "1")
    small.build()
    small.write("_site/notes.txt/mine", "mine")
    small.remove("static/notes.txt/one")
    (small.root / "static/notes.txt").rmdir()
    small.write("static/notes.txt", "notes")
    before = stamps(small.output)
    done = small.build()
    assert [problem.code for problem in done.problems] == ["foreign-file"]
    assert stamps(small.output) == before


# --- Errors change nothing ----------------------------------------------------------------------------------------------

BROKEN = {
    "a paper": {"content/papers/a.md": paper(unknown="key")},
    "the settings": {"site.yml": "title: [\n"},
    "the theme's name": {"site.yml": f"{CONFIG}theme: smal\n"},
    "the syntax of a template": {"themes/small/templates/paper.html.j2": "{% if %}"},
    "a template when it is rendered": {"themes/small/templates/term.html.j2": "{{ page.nothing }}"},
    "a filter that is not there": {"themes/small/templates/card.html.j2": "{{ entry | nothing }}"},
    "an address given twice": {"static/papers/b/index.html": "mine"},
    "an image": {"content/images/x.png": "text"},
}


@pytest.mark.parametrize("what", BROKEN)
def test_with_an_error_nothing_in_the_output_changes(what: str, small: Site) -> None:
    small.build()
    small.write("content/papers/c.md", paper("Another title"))
    before = stamps(small.output)
    for path, text in BROKEN[what].items():
        small.write(path, text)
    assert not small.build().ok
    assert stamps(small.output) == before


@pytest.mark.parametrize("what", BROKEN)
def test_with_an_error_a_first_build_leaves_no_folder(what: str, small: Site) -> None:
    for path, text in BROKEN[what].items():
        small.write(path, text)
    assert not small.build().ok
    assert not small.output.exists()


def test_with_strict_a_warning_changes_nothing_either(small: Site) -> None:
    small.build()
    before = stamps(small.output)
    small.write("content/papers/c.md", paper("Another title", added=None))
    done = small.build(strict=True)
    assert not done.ok and [problem.code for problem in done.problems] == ["missing-added"]
    assert stamps(small.output) == before
    assert small.build().ok
    before = stamps(small.output)
    assert not small.build(strict=True).ok  # the warning is remembered by a build that has nothing to do
    assert stamps(small.output) == before


# --- The record of the last build ---------------------------------------------------------------------------------------


def listed_outside(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "inputs": "", "files": {**data["files"], "../victim.txt": ["", "", 0, 0, 0, 0]}}


DAMAGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "truncated": lambda data: json.dumps(data)[:200],
    "empty": lambda data: "",
    "not JSON": lambda data: "hello",
    "not UTF-8": lambda data: b"\xff\xfe{}",
    "another mapping": lambda data: {"name": "somebody else's"},
    "a list": lambda data: [],
    "nested too deep": lambda data: "[" * 100_000,
    "another version": lambda data: {**data, "format": 999},
    "files as a list": lambda data: {**data, "files": ["index.html"]},
    "too few values": lambda data: {**data, "files": {"index.html": []} | {"x": [1, 2, 3, 4, 5, 6, 7, 8]}},
    "a path outside": listed_outside,
    "an absolute path": lambda data: {**data, "files": {"/etc/hostname": ["", "", 0, 0, 0, 0]}},
    "a backslash": lambda data: {**data, "files": {"..\\victim.txt": ["", "", 0, 0, 0, 0]}},
    "a NUL": lambda data: {**data, "files": {"a\0b": ["", "", 0, 0, 0, 0]}},
    "a lone surrogate": lambda data: {**data, "files": {"\ud800": ["", "", 0, 0, 0, 0]}},
    "a size as text": lambda data: {**data, "files": {"index.html": ["", "", "1234", 0, 0, 0]}},
    "no time at all": lambda data: {**data, "stamp": float("inf")},
    "an index as a list": lambda data: {**data, "search": {"key": "", "files": ["pagefind/pagefind.js"]}},
    "no report": lambda data: {name: value for name, value in data.items() if name != "report"},
    "an index outside": lambda data: {**data, "search": {"key": "", "files": {"pagefind/../../victim.txt": 1}}},
}


@pytest.mark.parametrize("what", DAMAGES)
def test_a_record_that_cannot_be_trusted_is_refused_and_nothing_is_touched(
    what: str, small: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    small.build()
    (small.root / "victim.txt").write_text("mine")
    made = DAMAGES[what](json.loads((small.output / MANIFEST).read_bytes()))
    data = made if isinstance(made, bytes) else (made if isinstance(made, str) else json.dumps(made)).encode()
    small.write(f"_site/{MANIFEST}", data)
    small.write("content/papers/c.md", paper("Another title"))
    before = stamps(small.output)
    printed = refused(small, small.output, capsys)
    assert MANIFEST in printed and str(small.output) in printed
    assert stamps(small.output) == before
    assert (small.root / "victim.txt").read_text() == "mine"


REPORTS: dict[str, Any] = {
    "empty": {},
    "a number": 3,
    "no pages": {"papers": 2, "warnings": []},
    "papers as text": {"papers": "2", "pages": 9, "warnings": []},
    "a warning that is none": {"papers": 2, "pages": 9, "warnings": [3]},
    "a warning cut short": {"papers": 2, "pages": 9, "warnings": [["missing-added", "a.md"]]},
    "a code of another version": {"papers": 2, "pages": 9, "warnings": [["retired", "a.md", 0, 0, "", "message", ""]]},
    "an error": {"papers": 2, "pages": 9, "warnings": [["clash", "a.md", 0, 0, "", "message", ""]]},
}


@pytest.mark.parametrize("what", REPORTS)
def test_a_report_that_cannot_be_given_again_is_made_anew(what: str, small: Site) -> None:
    small.write("content/papers/c.md", paper("Another title", added=None))
    first, before = small.build(), small.files()
    record = json.loads((small.output / MANIFEST).read_bytes())
    small.write(f"_site/{MANIFEST}", json.dumps(record | {"report": REPORTS[what]}))
    again = small.build()
    assert (again.ok, again.written, again.problems, again.pages) == (True, (), first.problems, first.pages)
    assert small.files() == before
    assert json.loads((small.output / MANIFEST).read_bytes())["report"] == record["report"]


def test_the_record_is_as_its_docstring_shows_it(small: Site) -> None:
    small.build()
    data = json.loads((small.output / MANIFEST).read_bytes())
    assert set(data) == {"format", "stamp", "inputs", "files", "report", "search"}
    for name in data:
        assert f'"{name}": ' in (output.__doc__ or "")
    assert set(data["files"]) == set(small.files())
    assert len(data["files"]["index.html"]) == 6


# --- File status ----------------------------------------------------------------------------------------------------------


def test_a_change_within_one_tick_of_the_clock_is_seen(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rule for racy files: on a disk whose clock ticks every two seconds a change can leave the status as it was."""
    coarse = 2_000_000_000

    def status(found: os.stat_result) -> tuple[int, int, int, int]:
        return (found.st_size, found.st_mtime_ns // coarse * coarse, found.st_ctime_ns // coarse * coarse, 0)

    monkeypatch.setattr(output, "_status", status)
    small.build()
    clean = small.files()
    for _ in range(2):
        damaged = bytes(byte ^ 1 for byte in clean["notes.txt"])
        (small.output / "notes.txt").write_bytes(damaged)
        assert "notes.txt" in small.build().written
        assert small.files() == clean


def test_status_is_trusted_when_files_are_older_than_the_record(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    small.build()
    data = json.loads((small.output / MANIFEST).read_bytes())
    small.write(f"_site/{MANIFEST}", json.dumps({**data, "stamp": data["stamp"] + 3_000_000_000}))
    monkeypatch.setattr(output, "hash_file", lambda path: pytest.fail(f"{path} was read"))
    assert small.build().unchanged == len(data["files"])


def test_a_clock_of_whole_seconds_is_trusted_later() -> None:
    assert output.racy(1_700_000_000_000_000_000) == 2_000_000_000
    assert output.racy(1_700_000_000_010_000_000) == 100_000_000


@pytest.mark.parametrize("days", [-10_000, -1, 1, 10_000], ids=str)
def test_times_of_another_clock_make_no_difference(days: int, small: Site) -> None:
    small.build()
    clean = small.files()
    when = time.time() + days * 86_400
    for path in [*small.output.rglob("*"), *small.root.rglob("*.md")]:
        os.utime(path, (when, when))
    os.utime(small.output / MANIFEST, (when, when))
    assert not small.build().written
    (small.output / "notes.txt").write_bytes(b"NOTES")  # the same size, and the same time as before
    os.utime(small.output / "notes.txt", (when, when))
    assert small.build().written == ("notes.txt",)
    assert small.files() == clean


def test_a_copied_output_folder_is_hashed_once(small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a cache of continuous integration brings back has other inodes and times, and the same bytes."""
    small.build()
    shutil.copytree(small.output, tmp_path / "copy")
    monkeypatch.setattr(output, "racy", lambda stamp: -1_000_000_000)  # as if a second had passed
    assert not small.build(output=tmp_path / "copy").written
    monkeypatch.setattr(output, "hash_file", lambda path: pytest.fail(f"{path} was read again"))
    assert not small.build(output=tmp_path / "copy").written


# --- Two builds at once -------------------------------------------------------------------------------------------------


def test_a_second_build_says_so_and_leaves(small: Site, capsys: pytest.CaptureFixture[str]) -> None:
    small.build()
    small.write("content/papers/c.md", paper("Another title"))
    before = stamps(small.output)
    with output.locked(small.output):
        code, printed = run(small, capsys)
    assert code == 2
    assert "another build is writing to this folder" in printed and "--output DIR" in printed
    assert stamps(small.output) == before
    assert run(small, capsys)[0] == 0


def test_the_lock_leaves_nothing_behind(small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "locks").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "locks"))
    with output.locked(small.output):
        assert len(list((tmp_path / "locks").iterdir())) == 1
    assert small.build().ok
    assert list((tmp_path / "locks").iterdir()) == []


def test_a_process_that_is_killed_while_it_renders_is_a_problem_and_nothing_is_written(
    small: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(number: int) -> str:
        if os.getpid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)  # the other one has taken an item, too
        return ""

    share, parent = workers.share, os.getpid()
    monkeypatch.setattr(workers, "BLOCK", 1)
    monkeypatch.setattr(workers, "share", lambda items, work, processes: share(items, killed, 2))
    (problem,) = small.build().problems
    assert problem.code == "output-failed" and "ended from outside" in problem.message
    assert not small.output.exists()


def test_the_same_folder_under_another_name_is_the_same_folder(small: Site, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(small.root)
    with output.locked(small.output):
        assert not small.build(output=tmp_path / "alias/_site").ok


def test_of_builds_that_start_together_one_works_and_the_result_is_clean(small: Site, tmp_path: Path) -> None:
    for number in range(60):
        small.write(f"content/papers/p{number}.md", paper(f"Paper {number}", tags=[f"t{number % 5}"]))
    command = [sys.executable, str(REPOSITORY / "build.py"), "build", "--no-search", "--quiet"]
    several = [
        subprocess.Popen(command, cwd=small.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for _ in range(3)
    ]
    ended = [(process.communicate()[0], process.returncode) for process in several]
    assert all(code == 0 or (code == 2 and "another build" in said) for said, code in ended), ended
    assert any(code == 0 for _, code in ended)
    assert small.files() == clean_files(small, tmp_path / "clean")


def clean_files(small: Site, fresh: Path) -> dict[str, bytes]:
    assert small.build(output=fresh).ok
    found = Site.__new__(Site)
    found.root, found.output = small.root, fresh
    return found.files()


# --- Killed at any moment -------------------------------------------------------------------------------------------------


def assert_old_or_new(now: dict[str, bytes], old: dict[str, bytes], new: dict[str, bytes]) -> None:
    for path, data in now.items():
        if not path.startswith(STAGE) and path != f"{MANIFEST}.new":
            assert data in (old.get(path), new.get(path)), f"{path} is neither old nor new"


def test_a_first_build_that_is_killed_at_any_step_is_completed_by_the_next(small: Site, tmp_path: Path) -> None:
    clean = clean_files(small, tmp_path / "clean")
    for number in itertools.count():
        shutil.rmtree(small.output, ignore_errors=True)
        with killed_at(number) as count:
            small.build()
        if small.output.exists():
            assert_old_or_new(small.files(), {}, clean)
        done = small.build()
        assert done.ok, (number, done.problems)
        assert small.files() == clean, number
        if count.done < number:  # it got to its end
            break
    assert number > 60


def test_a_build_that_is_killed_at_any_step_leaves_old_or_new_files_and_is_completed_by_the_next(
    small: Site, tmp_path: Path
) -> None:
    old = clean_files(small, tmp_path / "old")
    changes = {
        "content/papers/a.md": paper("Another title", tags=["b"]),
        "content/papers/d.md": paper("d"),
        "static/notes.txt/now-a-folder": "notes",
    }

    def make_the_edits() -> None:
        small.remove("content/papers/b.md")
        small.remove("static/notes.txt")
        for path, text in changes.items():
            small.write(path, text)

    def take_them_back() -> None:
        for path in changes:
            small.remove(path)
        (small.root / "static/notes.txt").rmdir()
        small.write("static/notes.txt", "notes")
        for name in ("a", "b"):
            small.write(f"content/papers/{name}.md", paper(name, tags=[name]))

    make_the_edits()
    new = clean_files(small, tmp_path / "new")
    take_them_back()
    small.build()
    for step in itertools.count():
        number, is_completed = divmod(step, 2)
        make_the_edits()
        with killed_at(number) as count:
            small.build()
        assert_old_or_new(small.files(), old, new)
        if is_completed:  # the next build is of the same edits, or of the site as it was
            assert small.build().ok
            assert small.files() == new, number
        take_them_back()
        assert small.build().ok
        assert small.files() == old, number
        if count.done < number:  # it got to its end
            break
    assert number > 60


def test_an_empty_folder_that_a_killed_build_left_gives_way_to_the_file_that_comes_back(small: Site) -> None:
    """It was made for a file that was to be moved there next."""
    small.remove("static/notes.txt")
    small.write("static/notes.txt/deep/one", "1")
    assert small.build().ok
    (small.output / "notes.txt/deep/one").unlink()
    shutil.rmtree(small.root / "static/notes.txt")
    small.write("static/notes.txt", "notes")
    done = small.build()
    assert done.ok, done.problems
    assert small.text("notes.txt") == "notes"


def test_an_empty_folder_that_somebody_made_is_in_the_way_of_a_file(small: Site) -> None:
    small.remove("static/notes.txt")
    small.write("static/notes.txt/one", "1")
    assert small.build().ok
    (small.output / "notes.txt/mine").mkdir()
    shutil.rmtree(small.root / "static/notes.txt")
    small.write("static/notes.txt", "notes")
    assert [problem.code for problem in small.build().problems] == ["foreign-file"]
    assert (small.output / "notes.txt/mine").is_dir()


KILLED_PROGRAM = """\
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from site_gen import cli, markup, themes
import jinja2
print("ready", flush=True)
sys.exit(cli.main(["build", "--no-search", "--quiet"]))
"""


def test_sigkill_leaves_old_or_new_files_and_the_next_build_completes_them(small: Site, tmp_path: Path) -> None:
    """The same with a real signal, at moments spread over the build, in a site large enough for several processes."""
    for number in range(90):
        small.write(f"content/papers/p{number}.md", paper(f"Paper {number}", date=f"2024-{number % 12 + 1:02}-01"))
    sides = {}
    for title in ("A list", "Another list"):
        small.write("site.yml", SMALL.replace("A list", title))
        sides[title] = clean_files(small, tmp_path / title)
    start = time.monotonic()
    small.build()
    whole = time.monotonic() - start
    killed = 0
    for number in range(20):
        old, new = list(sides)[number % 2 - 1], list(sides)[number % 2]
        small.write("site.yml", SMALL.replace("A list", new))
        command = [sys.executable, "-c", KILLED_PROGRAM, str(REPOSITORY)]
        with subprocess.Popen(command, cwd=small.root, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout and process.stdout.readline() == b"ready\n"
            try:
                process.wait(timeout=whole * (number + 1) / 20)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
        killed += process.returncode == -signal.SIGKILL
        assert_old_or_new(small.files(), sides[old], sides[new])
        done = build_when_free(small)
        assert done.ok, done.problems
        assert small.files() == sides[new]
    assert killed >= 5, "the moments were badly chosen"


def build_when_free(small: Site) -> site_gen.build.Build:
    """Build; a process that shared the work of a killed one ends, and gives the lock back, after the page it is at."""
    end = time.monotonic() + 20
    while True:
        done = small.build()
        if done.ok or time.monotonic() > end or "another build" not in done.problems[0].message:
            return done


@pytest.mark.parametrize("moment", ["reading", "rendering", "writing"])
def test_ctrl_c_ends_with_130_and_without_a_traceback(
    moment: str, small: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    small.build()
    small.write("content/papers/a.md", paper("Another title"))
    before = small.files()

    def interrupt(*given: object, **options: object) -> None:
        raise KeyboardInterrupt

    place, name = {
        "reading": (site_gen.build, "read_sources"),
        "rendering": (output.Stage, "add"),
        "writing": (output, "_make_folder"),
    }[moment]
    with monkeypatch.context() as patch:
        patch.setattr(place, name, interrupt)
        assert main(["build", "--config", str(small.root / "site.yml"), "--no-search"]) == 130
    printed = capsys.readouterr()
    assert "Traceback" not in printed.out + printed.err and "interrupted" in printed.err
    assert small.files() == before
    assert small.build().ok


def test_an_interrupt_of_the_process_ends_with_130_and_without_a_traceback(small: Site) -> None:
    for number in range(200):
        small.write(f"content/papers/p{number}.md", paper(f"Paper {number}", date=f"2024-{number % 12 + 1:02}-01"))
    program = KILLED_PROGRAM.replace(
        'print("ready", flush=True)',
        "import site_gen.output as output, os, signal\n"
        "add = output.Stage.add\n"
        "def added(self, number, data):\n"
        "    if number == 150: os.kill(os.getppid() if os.getpid() != main else main, signal.SIGINT)\n"
        "    return add(self, number, data)\n"
        "output.Stage.add, main = added, os.getpid()\n",
    )
    command = [sys.executable, "-c", program, str(REPOSITORY)]
    done = subprocess.run(command, cwd=small.root, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")
    assert not (small.output / STAGE).exists()


# --- A disk that is full or must not be written ---------------------------------------------------------------------------


def test_a_disk_that_is_full_at_any_step_leaves_old_or_new_files_and_no_stump(small: Site, tmp_path: Path) -> None:
    old = clean_files(small, tmp_path / "old")
    small.write("content/papers/d.md", paper("d", tags=["d"]))
    new = clean_files(small, tmp_path / "new")
    small.remove("content/papers/d.md")
    small.build()
    for number in itertools.count():
        small.write("content/papers/d.md", paper("d", tags=["d"]))
        with failing_at(number) as count:
            done = small.build()
        if not done.ok:
            assert [problem.code for problem in done.problems] == ["output-failed"]
            assert "No space left on device" in done.problems[0].message
        assert_old_or_new(small.files(), old, new)
        assert not {STAGE, f"{MANIFEST}.new"} & set(os.listdir(small.output)), number
        assert small.build().ok
        assert small.files() == new
        small.remove("content/papers/d.md")
        assert small.build().ok
        assert small.files() == old
        if count.done < number:  # it got to its end
            break
    assert number > 20


def test_a_first_build_on_a_full_disk_leaves_nothing(small: Site) -> None:
    with failing_at(5):
        done = small.build()
    assert [problem.code for problem in done.problems] == ["output-failed"]
    assert not small.output.exists()


def test_a_really_full_disk_exits_2_and_keeps_the_old_site(
    small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a small file system in memory where one can be mounted; else with a limit on the size of files."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = False
    if os.geteuid() == 0 and sys.platform == "linux":
        mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
        mounted = subprocess.run(mount, capture_output=True).returncode == 0
    try:
        target = disk / "_site"
        assert small.build(output=target).ok
        before = {path: data for path, data in tree(target).items() if path != MANIFEST}
        small.write("static/large", random.Random(0).randbytes(700_000))
        small.write("static/larger", random.Random(0).randbytes(800_000))
        command = [sys.executable, str(REPOSITORY / "build.py"), "build", "--no-search", "--output", str(target)]

        def limit() -> None:
            if not mounted:
                import resource  # POSIX only

                resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

        done = subprocess.run(command, cwd=small.root, capture_output=True, text=True, preexec_fn=limit)
        assert done.returncode == 2, done
        assert "[output-failed]" in done.stdout and "Traceback" not in done.stderr
        assert ("No space left on device" if mounted else "File too large") in done.stdout
        assert {path: data for path, data in tree(target).items() if path != MANIFEST} == before
        small.remove("static/larger")
        small.remove("static/large")
        assert small.build(output=target).ok
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)


def test_a_read_only_output_with_nothing_to_write_is_fine(small: Site) -> None:
    small.build()
    with failing_at(0, ("open", "mkdir", "replace", "rmdir", "rename"), EROFS):
        assert small.build().ok


@pytest.mark.parametrize("code", [EROFS, EACCES], ids=["read-only", "not allowed"])
def test_an_output_that_cannot_be_written_keeps_the_old_site(
    code: int, small: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    small.build()
    small.write("content/papers/a.md", paper("Another title"))
    before = stamps(small.output)
    with failing_at(0, ("open", "mkdir", "replace", "unlink", "rmdir", "rename"), code):
        exit_code, printed = run(small, capsys)
    assert exit_code == 2
    assert "[output-failed]" in printed and os.strerror(code) in printed and "help: " in printed
    assert stamps(small.output) == before
    assert run(small, capsys)[0] == 0


# --- Files that change while they are read --------------------------------------------------------------------------------


def vanish(path: Path) -> None:
    path.unlink()


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"more")


def become_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/hostname")


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize("accident", [vanish, grow, become_a_link, become_a_pipe])
@pytest.mark.parametrize("path", ["static/notes.txt", "content/images/x.png", "themes/small/assets/site.css"])
def test_a_file_that_changes_between_reading_and_copying_stops_the_build(
    path: str, accident: Callable[[Path], None], small: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.build()
    before = stamps(small.output)
    small.write("content/images/x.png", b"\x89PNG\r\n\x1a\nx")
    small.write(path, (small.root / path).read_bytes() + b" ")
    original = site_gen.build.read_file

    def read_file(read: Path, limit: int) -> bytes:
        if read == small.root / path:
            accident(read)
        return original(read, limit)

    with monkeypatch.context() as patch:
        patch.setattr(site_gen.build, "read_file", read_file)  # what copies; what was read before is bound elsewhere
        done = small.build()
    assert not done.ok and [problem.code for problem in done.problems] == ["unreadable"]
    assert path.endswith(done.problems[0].location.path)
    assert stamps(small.output) == before


def test_a_large_static_file_in_a_folder_called_images_is_copied(small: Site) -> None:
    """The limit of one megabyte is for images of papers."""
    small.write("static/images/large.bin", bytes(2_000_000))
    assert small.build().ok
    assert len(small.files()["images/large.bin"]) == 2_000_000


# --- None and one ---------------------------------------------------------------------------------------------------------


@pytest.mark.smoke
@pytest.mark.parametrize("count", [0, 1])
def test_a_list_of_none_or_one_is_a_whole_site(count: int, site: MakeSite) -> None:
    one = site({f"content/papers/p{number}.md": paper() for number in range(count)})
    done = one.build()
    assert (done.ok, done.papers, done.problems) == (True, count, ())
    files = set(one.files())
    assert {"index.html", "404.html", "search/index.html", "sitemap.xml", "robots.txt", "assets/site.css"} <= files
    assert ("papers/p0/index.html" in files) == ("feed.xml" in files) == bool(count)
    assert not one.build().written


def test_a_site_can_lose_its_last_paper(small: Site, tmp_path: Path) -> None:
    small.build()
    for name in ("a", "b", "c"):
        small.remove(f"content/papers/{name}.md")
    assert small.build().ok
    assert small.files() == clean_files(small, tmp_path / "clean")
    assert not (small.output / "papers").exists()


def test_killed_is_no_exception_that_a_build_could_catch() -> None:
    assert not issubclass(Killed, Exception)
