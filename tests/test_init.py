"""Somebody's own list: what `init` writes, and that the installed wheel is all that such a list needs.

The wheel is built from this folder and unpacked elsewhere; its command runs there with nothing of the repository to
import.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import pytest

import site_gen.init
from site_gen import __version__
from site_gen.build import Options, check
from site_gen.config import read_config
from site_gen.init import files, init
from tests.accidents import tree
from tests.sites import Site

ROOT = Path(__file__).parent.parent
WRITTEN = {
    ".github/workflows/check.yml",
    ".github/workflows/pages.yml",
    ".gitignore",
    "content/pages/about.md",
    "content/papers/yang-2023-alignment-for-honesty.md",
    "content/tags.yml",
    "requirements.txt",
    "site.yml",
}
PAPER = "papers/yang-2023-alignment-for-honesty/index.html"
TITLES = {  # by the name of the folder
    "papers-on_honesty": "Papers on honesty",
    'a"b\\c: {id} #x': 'A"b\\c: {id} #x',
    "{version}": "{version}",
    "a\nb\x1bc": "A b c",
    os.fsdecode(b"caf\xe9"): "Caf",
    "漢字": "漢字",
    "--": "Reading list",
}
Run = Callable[..., str]
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="folders of Windows have no such names")


def command(words: list[str], folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-P", *words], cwd=folder, env=os.environ | environment, capture_output=True, text=True
    )


def written(folder: Path) -> set[str]:
    return {path for path, data in tree(folder).items() if data is not None}


# --- The wheel ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel, from outside the repository, whose build.py would be imported in the place of `build`."""
    folder = tmp_path_factory.mktemp("wheel")
    done = command(["-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)], folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """Return a folder of its own in which the wheel is installed."""
    with ZipFile(wheel) as packed:
        packed.extractall(tmp_path / "installed")
    return tmp_path / "installed"


@pytest.fixture
def run(installed: Path) -> Run:
    """Return a function that runs the installed command in a folder, to success, and returns what it prints."""

    def run(folder: Path, *words: str) -> str:
        done = command(["-m", "site_gen", *words], folder, PYTHONPATH=str(installed))
        assert (done.returncode, done.stderr) == (0, ""), done
        return done.stdout

    return run


def test_the_wheel_holds_the_code_the_default_theme_and_the_starter_and_no_more(wheel: Path) -> None:
    with ZipFile(wheel) as packed:
        names = {name for name in packed.namelist() if ".dist-info/" not in name}
        [entry] = [packed.read(name).decode() for name in packed.namelist() if name.endswith("/entry_points.txt")]
    places = {path: path for path in ROOT.glob("site_gen/**/*")}
    places |= {path: ROOT / "site_gen" / path.relative_to(ROOT) for path in ROOT.glob("themes/default/**/*")}
    expected = {place.relative_to(ROOT).as_posix() for path, place in places.items() if path.is_file()}
    assert names == {name for name in expected if "__pycache__" not in name}
    assert "reading-room = site_gen.cli:main" in entry


def test_a_list_is_made_checked_and_built_by_the_wheel_alone(run: Run, installed: Path, tmp_path: Path) -> None:
    where = ["-c", "import site_gen; print(site_gen.__file__)"]
    assert command(where, tmp_path, PYTHONPATH=str(installed)).stdout.startswith(str(installed))
    assert "reading-room serve" in run(tmp_path, "init", "my-list")
    folder = tmp_path / "my-list"
    assert written(folder) == WRITTEN
    assert run(folder, "check", "--strict") == "1 paper, no errors\n"
    run(folder, "build", "--strict", "--base-url", "https://list.example/")
    page = (folder / "_site" / PAPER).read_text("utf-8")
    assert "<title>Alignment for Honesty" in page and "My list" in page and "<math" in page
    assert (folder / "_site/assets/site.css").is_file() and (folder / "_site/pagefind/pagefind.js").is_file()
    assert written(folder) - WRITTEN == {f"_site/{path}" for path in written(folder / "_site")}


def test_a_theme_of_ones_own_takes_the_place_of_one_template_of_the_wheel(run: Run, tmp_path: Path) -> None:
    run(tmp_path, "init", "list")
    made = Site(tmp_path / "list", {"site.yml": "title: A list\ntheme: mine\n"})
    made.write("themes/mine/templates/404.html.j2", '{% extends "base.html.j2" %}{% block main %}Mine.{% endblock %}')
    run(made.root, "build", "--no-search")
    assert "Mine." in made.text("404.html") and "<title>Alignment for Honesty" in made.text(PAPER)


def test_a_newer_version_of_the_wheel_builds_every_page_of_the_same_list_again(
    run: Run, installed: Path, tmp_path: Path
) -> None:
    run(tmp_path, "init", "list")
    (files,) = re.findall(r"\((\d+) files written", run(tmp_path / "list", "build", "--no-search"))
    assert "(0 files written" in run(tmp_path / "list", "build", "--no-search")
    module = installed / "site_gen" / "__init__.py"
    module.write_text(module.read_text("utf-8").replace(__version__, "98.7.6"), "utf-8")
    assert run(tmp_path / "list", "--version") == "reading-room 98.7.6\n"
    said = run(tmp_path / "list", "build", "--no-search")
    ((written, same),) = re.findall(r"\((\d+) files written, (\d+) unchanged", said)
    assert int(written) + int(same) == int(files)
    assert int(same) == len([*(tmp_path / "list/_site/assets").iterdir()]), "all but what is copied"


# --- What is written ----------------------------------------------------------------------------------------------------


def test_the_version_stands_in_one_line_that_all_workflows_install(monkeypatch: pytest.MonkeyPatch) -> None:
    before = files("A list", date(2024, 1, 1), "0")
    monkeypatch.setattr(site_gen.init, "__version__", "98.7.6")
    after = files("A list", date(2024, 1, 1), "0")
    changed = {path: text for path, text in after.items() if text != before[path]}
    assert changed == {"requirements.txt": "reading-room==98.7.6\n"}
    assert before["requirements.txt"] == f"reading-room=={__version__}\n"
    for path, text in after.items():
        if path.startswith(".github/workflows/"):
            assert [line.split()[-2:] for line in text.split("\n") if "pip install" in line] == [
                ["-r", "requirements.txt"]
            ], path
    assert "1. Change the version in `requirements.txt`: `reading-room==" in (ROOT / "docs/upgrading.md").read_text()


def test_two_lists_have_two_ids(tmp_path: Path) -> None:
    assert init(tmp_path / "a") == init(tmp_path / "b") == 0
    ids = {(tmp_path / name / "site.yml").read_text("utf-8").split("\nid: ")[1].split("\n")[0] for name in "ab"}
    assert len(ids) == 2


@pytest.mark.parametrize("name", ["folder", "file", "link"])
def test_what_exists_is_refused_and_stays_as_it_is(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "folder" / "empty").mkdir(parents=True)
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "folder" / "empty")
    before = tree(tmp_path)
    assert init(tmp_path / name) == 2
    assert tree(tmp_path) == before
    assert f"{name} is not an empty folder; nothing was written" in capsys.readouterr().err


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert init(tmp_path) == 0
    assert written(tmp_path) == WRITTEN


@pytest.mark.parametrize("name", ["file/list", "x" * 300], ids=["below a file", "too long"])
def test_a_folder_that_cannot_be_made_is_a_message(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("mine")
    assert init(tmp_path / name) == 2
    assert "could not be written: " in capsys.readouterr().err
    assert tree(tmp_path) == {"file": b"mine"}


@needs_posix
@pytest.mark.parametrize(("name", "title"), TITLES.items())
def test_any_name_of_a_folder_makes_a_title(
    name: str, title: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert init(tmp_path / name) == 0
    assert "A new list is in " in capsys.readouterr().out
    done = check(Options(tmp_path / name / "site.yml", tmp_path / "_site", strict=True))
    assert done.ok and done.papers == 1, done.problems
    config, _ = read_config("site.yml", (tmp_path / name / "site.yml").read_text("utf-8"))
    assert config and config.title == title
