"""The search index: what is in it, when it is made anew, and that whatever goes wrong leaves a site with its pages.

Most tests put a small program in Pagefind's place; the first few run the real one.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pagefind_bin
import pytest

from site_gen import search
from site_gen.build import Build
from site_gen.output import MANIFEST
from site_gen.search import FOLDER, FRESH
from tests import small_theme
from tests.accidents import failing_at, killed_at, tree
from tests.sites import CONFIG, Site, paper

# Writes an index of four files: one names each page, one has all pages' bytes, one has the same name in every index.
FAKE = """\
#!/bin/sh
echo "$@" >> {calls}
while [ $# -gt 0 ]; do
    case "$1" in --site) site=$2; shift;; --output-path) out=$2; shift;; esac
    shift
done
mkdir -p "$out/fragment"
cat "$site"/papers/*/index.html > "$out/index"
name=$(cksum < "$out/index" | cut -d' ' -f1)
echo "$name" > "$out/pagefind.js"
echo "$name" > "$out/meta.$name"
ls "$site"/papers > "$out/fragment/$name"
"""
Use = Callable[[str], None]


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    return tmp_path / "calls"


@pytest.fixture
def use(tmp_path: Path, calls: Path, monkeypatch: pytest.MonkeyPatch) -> Use:
    """Return a function that puts a program in Pagefind's place."""

    def use(script: str) -> None:
        program = tmp_path / "fake-pagefind"
        program.write_text(script.format(calls=calls))
        program.chmod(0o755)
        monkeypatch.setattr(pagefind_bin, "get_executable", lambda: program)

    use(FAKE)
    return use


@pytest.fixture
def small(site: Callable[..., Site]) -> Site:
    files = {f"content/papers/{name}.md": paper(name) for name in ("a", "b", "c")}
    return site({"site.yml": f"{CONFIG}theme: small\n", **small_theme.files(), **files})


def runs(calls: Path) -> int:
    return calls.read_text().count("\n") if calls.exists() else 0


def index(site: Site) -> dict[str, bytes | None]:
    return tree(site.output / FOLDER)


def warning(done: Build) -> str:
    """Return the message of the one problem of a build, which is a warning about the index."""
    assert done.ok
    assert [problem.code for problem in done.problems] == ["search-failed"]
    assert done.problems[0].severity == "warning" and done.problems[0].hint
    return done.problems[0].message


# --- With Pagefind itself -----------------------------------------------------------------------------------------------


def real(site: Callable[..., Site]) -> Site:
    page = "---\ntitle: About\n---\nText.\n"
    files = {f"content/papers/{name}.md": paper(f"Title of {name}", tags=["x"]) for name in ("a", "b", "c")}
    return site({"content/pages/about.md": page, **files})


def indexed(site: Site) -> dict[str, Any]:
    """Return what the index says of each page, by its address."""
    pages = {}
    for path in (site.output / FOLDER / "fragment").iterdir():
        data = gzip.decompress(path.read_bytes())
        page = json.loads(data[data.index(b"{") :])
        pages[page["url"]] = page
    return pages


def test_the_index_holds_paper_pages_only(site: Callable[..., Site]) -> None:
    made = real(site)
    assert made.build(search=True).problems == ()
    pages = indexed(made)
    assert set(pages) == {"/papers/a/", "/papers/b/", "/papers/c/"}
    assert pages["/papers/a/"]["meta"]["title"] == "Title of a"
    assert pages["/papers/a/"]["filters"]["tag"] == ["x"]
    assert "Why it is on the list" not in pages["/papers/a/"]["content"]
    entry = json.loads((made.output / FOLDER / "pagefind-entry.json").read_bytes())
    assert sum(language["page_count"] for language in entry["languages"].values()) == 3
    assert not (made.output / FRESH).exists()


def test_settings_of_pagefind_lying_about_are_not_read(
    site: Callable[..., Site], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, trap = real(site), tmp_path / "trap"
    trap.mkdir()
    (trap / "papers/t").mkdir(parents=True)
    (trap / "papers/t/index.html").write_text("<html><body data-pagefind-body>Trapped</body></html>")
    options = {"site": str(trap), "output_path": str(trap / "out"), "glob": "**/*.html", "root_selector": "footer"}
    (trap / "pagefind.toml").write_text("".join(f"{key} = {json.dumps(value)}\n" for key, value in options.items()))
    (trap / "pagefind.json").write_text(json.dumps(options))
    (trap / "pagefind.yml").write_text(json.dumps(options))
    for key, value in options.items():
        monkeypatch.setenv(f"PAGEFIND_{key.upper()}", value)
    monkeypatch.setenv("PAGEFIND_EXCLUDE_SELECTORS", "article")
    before = tree(trap)
    monkeypatch.chdir(trap)
    assert made.build(search=True).problems == ()
    assert set(indexed(made)) == {"/papers/a/", "/papers/b/", "/papers/c/"}
    assert "A note." in indexed(made)["/papers/a/"]["content"]
    assert tree(trap) == before


# --- When it is made anew -----------------------------------------------------------------------------------------------


def test_the_index_is_left_alone_when_no_indexed_page_has_changed(small: Site, use: Use, calls: Path) -> None:
    small.build(search=True)
    before = index(small)
    assert not small.build(search=True).written
    small.write("themes/small/assets/site.css", "body {}")
    small.write("themes/small/templates/home.html.j2", "Another home page")
    assert set(small.build(search=True).written) == {"index.html", "assets/site.css"}
    assert (index(small), runs(calls)) == (before, 1)


def test_pages_that_are_rendered_again_to_the_same_bytes_need_no_new_index(small: Site, use: Use, calls: Path) -> None:
    small.build(search=True)
    template = small.root / "themes/small/templates/paper.html.j2"
    template.write_text(f"{template.read_text()}{{# a comment #}}")
    assert "papers/a/index.html" in small.build(search=True).written
    assert runs(calls) == 1


def test_a_page_with_other_bytes_makes_a_new_index(small: Site, use: Use, calls: Path) -> None:
    small.build(search=True)
    before = index(small)
    small.write("content/papers/a.md", paper("a", "Another note."))
    small.build(search=True)
    assert runs(calls) == 2
    after = index(small)
    assert before.keys() != after.keys()
    assert len(before) == len(after), "files of the old index were left behind"


def test_another_version_of_pagefind_makes_a_new_index(
    small: Site, use: Use, calls: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.build(search=True)
    monkeypatch.setattr(search, "version", lambda: "99")
    small.build(search=True)
    assert runs(calls) == 2


@pytest.mark.parametrize("damage", ["delete", "truncate", "link", "everything"])
def test_a_damaged_index_is_made_anew(damage: str, small: Site, use: Use, calls: Path) -> None:
    small.build(search=True)
    before, path = index(small), small.output / FOLDER / "index"
    if damage == "everything":
        shutil.rmtree(small.output / FOLDER)
    elif damage == "truncate":
        path.write_bytes(b"")
    else:
        path.unlink()
    if damage == "link":
        path.symlink_to(small.root / "site.yml")
    small.build(search=True)
    assert runs(calls) == 2
    assert index(small) == before


def test_without_search_the_index_is_left_as_it_is(small: Site, use: Use, calls: Path) -> None:
    small.build(search=True)
    before = index(small)
    small.write("content/papers/a.md", paper("a", "Another note."))
    small.build(search=False)
    assert (index(small), runs(calls)) == (before, 1)
    small.build(search=True)
    assert runs(calls) == 2


def test_a_site_without_papers_has_no_index(small: Site, use: Use) -> None:
    small.build(search=True)
    small.write(f"_site/{FOLDER}/mine.txt", "mine")
    for name in ("a", "b", "c"):
        small.remove(f"content/papers/{name}.md")
    assert small.build(search=True).problems == ()
    assert index(small) == {"mine.txt": b"mine"}


# --- What is not ours ---------------------------------------------------------------------------------------------------


def test_foreign_files_beside_the_index_stay(small: Site, use: Use) -> None:
    small.build(search=True)
    small.write(f"_site/{FOLDER}/mine.txt", "mine")
    small.write(f"_site/{FOLDER}/mine/too.txt", "mine")
    small.write("content/papers/a.md", paper("a", "Another note."))
    assert small.build(search=True).problems == ()
    found = index(small)
    assert found["mine.txt"] == found["mine/too.txt"] == b"mine"
    assert len(found) == 8


def test_a_folder_that_is_not_ours_is_not_exchanged(small: Site, use: Use, calls: Path) -> None:
    small.build(search=False)
    small.write(f"_site/{FOLDER}/pagefind.js", "mine")
    assert "was not written by Reading Room" in warning(small.build(search=True))
    assert index(small) == {"pagefind.js": b"mine"}
    assert runs(calls) == 0


@pytest.mark.parametrize("place", [FOLDER, FRESH])
@pytest.mark.parametrize("kind", ["link", "broken link", "file"])
def test_a_link_or_file_in_the_place_of_a_folder_is_not_written_through(
    kind: str, place: str, small: Site, use: Use, calls: Path, tmp_path: Path
) -> None:
    small.build(search=False)
    target = tmp_path / "elsewhere"
    if kind != "broken link":
        target.mkdir()
    if kind == "file":
        small.write(f"_site/{place}", "mine")
    else:
        (small.output / place).symlink_to(target)
    for _ in range(2):
        assert "was not written by Reading Room" in warning(small.build(search=True))
    assert runs(calls) == 0
    assert not target.exists() or not tree(target)


# --- When it goes wrong -------------------------------------------------------------------------------------------------

FAILURES = {
    "crash": ("#!/bin/sh\necho something bad >&2\nexit 3\n", "ended with status 3: something bad"),
    "silent crash": ("#!/bin/sh\nexit 1\n", "ended with status 1"),
    "killed": ("#!/bin/sh\nkill -9 $$\n", "ended with status -9"),
    "no index": ("#!/bin/sh\nexit 0\n", "without writing an index"),
    "half an index": ("#!/bin/sh\nmkdir -p '{calls}'\nexit 1\n", "ended with status 1"),
    "hang": ("#!/bin/sh\nexec sleep 600\n", "did not finish within"),
    "no program": ("#!/does/not/exist\n", "could not be started"),
    "bytes that are no text": ("#!/bin/sh\nprintf '\\377\\376' >&2\nexit 1\n", "ended with status 1"),
}


@pytest.mark.parametrize("what", FAILURES)
def test_whatever_pagefind_does_the_pages_are_built_and_a_warning_says_so(
    what: str, small: Site, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    script, expected = FAILURES[what]
    if what == "hang":
        monkeypatch.setattr(search, "SECONDS", 0.2)
    use(script)
    assert expected in warning(small.build(search=True))
    assert "papers/a/index.html" in small.files()
    assert not (small.output / FOLDER).exists() and not (small.output / FRESH).exists()
    use(FAKE)
    monkeypatch.setattr(search, "SECONDS", 60.0)
    assert small.build(search=True).problems == ()
    assert "pagefind.js" in index(small)


@pytest.mark.parametrize("what", ["crash", "no index", "hang"])
def test_when_pagefind_fails_the_old_index_stays(
    what: str, small: Site, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.build(search=True)
    before = index(small)
    if what == "hang":
        monkeypatch.setattr(search, "SECONDS", 0.2)
    use(FAILURES[what][0])
    small.write("content/papers/a.md", paper("a", "Another note."))
    for _ in range(2):  # and says so again until it works
        warning(small.build(search=True))
        assert index(small) == before


def test_without_pagefind_the_pages_are_built(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pagefind_bin", None)
    assert "Pagefind is not installed" in warning(small.build(search=True))
    assert "papers/a/index.html" in small.files()


def test_a_wheel_without_its_program_is_a_warning(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Path:
        raise FileNotFoundError("no binary for this platform")

    monkeypatch.setattr(pagefind_bin, "get_executable", missing)
    assert "no binary for this platform" in warning(small.build(search=True))


def test_pagefind_of_a_killed_build_keeps_the_next_build_out_until_it_has_ended(
    small: Site, use: Use, calls: Path, tmp_path: Path
) -> None:
    use(f'#!/bin/sh\necho >> {{calls}}\nuntil [ -e "{tmp_path}/end" ]; do sleep 0.02; done\n')
    child = os.fork()
    if not child:
        try:
            small.build(search=True)
        finally:
            os._exit(0)
    wait_for(calls.exists)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert "another build" in small.build().problems[0].message
    (tmp_path / "end").touch()
    wait_for(lambda: small.build().ok)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_disk_that_is_full_when_the_index_is_put_in_place_is_a_warning(
    small: Site, use: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.build(search=True)
    before = index(small)
    small.write(f"_site/{FOLDER}/mine.txt", "mine")
    small.write("content/papers/a.md", paper("a", "Another note."))

    def full(*given: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copy2", full)
        assert "No space left on device" in warning(small.build(search=True))
    assert index(small) == {**before, "mine.txt": b"mine"}
    assert not (small.output / FRESH).exists()
    assert small.build(search=True).problems == ()


# --- Old or new, as a whole ---------------------------------------------------------------------------------------------


def test_a_build_that_is_killed_at_any_step_has_the_old_index_or_the_new_one_and_keeps_what_is_foreign(
    small: Site, use: Use, tmp_path: Path
) -> None:
    texts = (paper("a"), paper("a", "Another note."))
    whole = []
    for number, text in enumerate(texts):
        small.write("content/papers/a.md", text)
        small.build(search=True, output=tmp_path / str(number))
        whole.append(tree(tmp_path / str(number) / FOLDER) | {"mine.txt": b"mine"})
    small.write("content/papers/a.md", texts[0])
    small.build(search=True)
    small.write(f"_site/{FOLDER}/mine.txt", "mine")
    for number in itertools.count():
        small.write("content/papers/a.md", texts[1])
        with killed_at(number) as count:
            small.build(search=True)
        assert index(small) in whole, number
        assert small.build(search=True).problems == ()
        assert index(small) == whole[1], number
        assert not [path for path in small.files() if path.startswith(".reading-room")], number
        small.write("content/papers/a.md", texts[0])
        assert small.build(search=True).problems == ()
        assert index(small) == whole[0], number
        if count.done < number:
            break
    assert number > 20


def test_a_disk_that_is_full_at_any_step_leaves_the_old_index_or_the_new_one_and_no_stump(
    small: Site, use: Use
) -> None:
    small.build(search=True)
    whole = [index(small)]
    small.write("content/papers/a.md", paper("a", "Another note."))
    small.build(search=True, output=small.root.parent / "new")
    whole.append(tree(small.root.parent / "new" / FOLDER))
    small.build(search=False)  # what follows is about the index alone
    for number in itertools.count():
        with failing_at(number) as count:
            done = small.build(search=True)
        if done.problems:
            assert "No space left on device" in warning(done)
        assert index(small) in whole, number
        assert not [path for path in small.files() if path.startswith(".reading-room")], number
        if count.done < number:
            break
    assert number > 4
    assert index(small) == whole[1]


@pytest.mark.skipif(sys.platform != "linux", reason="renameat2 is a system call of Linux")
def test_on_linux_the_exchange_is_one_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fresh", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    with monkeypatch.context() as patch:
        patch.setattr(os, "rename", lambda *given: pytest.fail("two renames show a moment without an index"))
        search.exchange(tmp_path / "fresh", tmp_path / "place")
    assert tree(tmp_path) == {"fresh": None, "fresh/place": b"", "place": None, "place/fresh": b""}


def test_elsewhere_the_exchange_is_made_of_renames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("fresh", "place"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    monkeypatch.setattr(sys, "platform", "plan9")
    search.exchange(tmp_path / "fresh", tmp_path / "place")
    assert tree(tmp_path) == {"fresh": None, "fresh/place": b"", "place": None, "place/fresh": b""}


def test_the_record_knows_the_files_of_the_index_with_their_sizes(small: Site, use: Use) -> None:
    small.build(search=True)
    listed = json.loads((small.output / MANIFEST).read_bytes())["search"]["files"]
    assert listed == {f"{FOLDER}/{path}": len(data) for path, data in index(small).items() if data is not None}
