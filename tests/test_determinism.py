"""The same sources make the same bytes, whoever builds them, where, when, and in whatever surroundings.

Pagefind's own files are left out: their names are new on every run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from site_gen.output import MANIFEST
from tests import six_papers
from tests.sites import Site, paper

REPOSITORY = Path(__file__).resolve().parent.parent


def many_files() -> dict[str, str | bytes]:
    """Return enough for several processes to share the work."""
    names = ("Ada Lovelace", "ada lovelace", "Zoë", "Ïñtérnâtiônàl I", "İstanbul", "straße", "STRASSE")
    more = {
        f"content/papers/p{number:02}.md": paper(
            f"Paper {number}",
            date=f"20{10 + number % 10}-0{1 + number % 9}-{1 + number % 28:02}",
            added=f"2024-0{1 + number % 4}-01",
            authors=[names[number % len(names)], names[number % 3]],
            tags=sorted({"İ", "I", "ı", names[number % len(names)]}),
        )
        for number in range(40)
    }
    return {**six_papers.FILES, **more}


SURROUNDINGS: list[dict[str, str]] = [
    {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"},
    {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "1", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    {
        "TZ": "America/St_Johns",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "4294967295",
        "HOME": "/",
    },
]


def build(root: Path, number: int) -> dict[str, bytes]:
    """Build a site in a new process, each number in other surroundings, and return its files."""
    files = many_files()
    order = sorted(files, reverse=bool(number % 2))
    site = Site(root, {path: files[path] for path in order})
    environment = {"PATH": os.environ["PATH"], "TMPDIR": os.environ["TMPDIR"], **SURROUNDINGS[number]}
    options = ["--no-search", "--quiet"]

    def before() -> None:
        os.umask((0o022, 0o077, 0o002)[number])
        if number and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # one core, so one process

    if number == 1:
        command, folder = [sys.executable, "-m", "site_gen", "--config", str(root / "site.yml"), *options], REPOSITORY
    elif number == 2:
        command, folder = (
            [sys.executable, "-OO", str(REPOSITORY / "build.py"), "--config", "site/site.yml", *options],
            root.parent,
        )
    else:
        command, folder = [sys.executable, str(REPOSITORY / "build.py"), "build", *options], root
    done = subprocess.run(command, cwd=folder, env=environment, preexec_fn=before, capture_output=True, text=True)
    assert done.returncode == 0, done
    return site.files()


def test_surroundings_make_no_difference(tmp_path: Path) -> None:
    first = build(tmp_path / "a/site", 0)
    assert len(first) > 200
    for number in (1, 2):
        other = build(tmp_path / f"{'deep/' * 5}{number} with spaces é/site", number)
        assert first.keys() == other.keys()
        assert [path for path in first if first[path] != other[path]] == []


class Reversed:
    """What `os.scandir` returns, from its end."""

    def __init__(self, entries: Any):
        with entries:
            self.entries = iter(list(entries)[::-1])

    def __iter__(self) -> Iterator[Any]:
        return self.entries

    def __next__(self) -> Any:
        return next(self.entries)

    def __enter__(self) -> Reversed:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def close(self) -> None:
        pass


def test_the_order_of_a_folder_makes_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(tmp_path / "site", many_files())
    assert site.build().ok
    scandir, listdir = os.scandir, os.listdir
    monkeypatch.setattr(os, "scandir", lambda *given: Reversed(scandir(*given)))
    monkeypatch.setattr(os, "listdir", lambda *given: listdir(*given)[::-1])
    assert site.build(output=tmp_path / "other").ok
    monkeypatch.undo()
    other = {path: (tmp_path / "other" / path).read_bytes() for path in site.files()}
    assert other == site.files()
    assert not site.build().written


def test_two_builds_record_the_same_but_for_the_status_of_files(tmp_path: Path) -> None:
    site = Site(tmp_path / "site", six_papers.FILES)
    one, two = site.build(), site.build(output=tmp_path / "other")
    assert one.manifest.inputs == two.manifest.inputs
    assert {path: (r.fingerprint, r.digest) for path, r in one.manifest.files.items()} == {
        path: (r.fingerprint, r.digest) for path, r in two.manifest.files.items()
    }
    assert MANIFEST not in one.manifest.files


# --- At another address -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Mapping[str, str]]:
    """Return a function that builds the same site for an address and returns its files as text."""
    root = tmp_path_factory.mktemp("addresses")
    site = Site(root / "site", six_papers.FILES)
    made: dict[str, dict[str, str]] = {}

    def at(address: str) -> Mapping[str, str]:
        if address not in made:
            site.output = root / str(len(made))
            done = site.build(base_url=address)
            assert done.ok, done.problems
            made[address] = {path: data.decode("utf-8", "surrogateescape") for path, data in site.files().items()}
        return made[address]

    return at


def test_on_another_host_only_absolute_links_differ(at: Callable[[str], Mapping[str, str]]) -> None:
    here, there = at("https://list.example/"), at("http://other.example:8080/")
    assert here.keys() == there.keys()
    moved = {path: text.replace("http://other.example:8080/", "https://list.example/") for path, text in there.items()}
    assert [path for path in here if here[path] != moved[path]] == []
    assert not any("list.example/" in text for path, text in there.items() if path not in STATIC)


STATIC = {"CNAME", ".well-known/security.txt"}

# Where an address of the site's own may stand: in an attribute, and in the address of a refresh.
OWN = r'((?:href|src|action|data-[a-z]+|content)="(?:0; url=)?)'


def test_below_a_path_only_absolute_links_and_the_start_of_own_links_differ(
    at: Callable[[str], Mapping[str, str]],
) -> None:
    root, below = at("https://list.example/"), at("https://list.example/repo/")
    assert root.keys() == below.keys()

    def moved(text: str) -> str:
        text = text.replace("https://list.example/repo/", "https://list.example/")
        return re.sub(OWN + "/repo/", r"\1/", text)

    assert [path for path in root if root[path] != moved(below[path])] == []
    assert "/repo/ and" in below["about/index.html"]  # a text about an address is no address


def test_below_a_path_every_own_link_starts_with_it(at: Callable[[str], Mapping[str, str]]) -> None:
    for path, text in at("https://list.example/repo/").items():
        if path.endswith(".html"):
            own = re.findall(OWN + r"(/[^\"]*)", text)
            assert own and all(address.startswith("/repo/") for _, address in own), path
