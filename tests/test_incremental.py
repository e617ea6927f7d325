"""The law: after any sequence of edits the incremental output is, byte for byte, the clean output.

A sequence is a list of steps: an edit, two numbers that say which and how, and what follows: a build that is handed
the one before, as in the preview, a build that is not, as in a new process, or none yet. At its end the output folder
is compared with that of a build into a fresh folder. The test also plants defects and shows that each is noticed.

READING_ROOM_SEQUENCES=10000 asks for more sequences than the 320 of an ordinary run.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import site_gen.build
import site_gen.output
import site_gen.themes
from site_gen.build import Build, Options
from site_gen.contexts import PaperContext
from site_gen.output import MANIFEST
from tests import small_theme
from tests.accidents import killed_at, tree
from tests.sites import Site, paper

SEQUENCES = int(os.environ.get("READING_ROOM_SEQUENCES", "320"))
REPOSITORY = Path(__file__).resolve().parent.parent
PNG = b"\x89PNG\r\n\x1a\n"
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") else None  # thousands of builds wear no disk out, and are faster

# --- Edits: each gets the world and two numbers -----------------------------------------------------------------------


class World:
    """A site that is edited and built, and what a build is asked for besides."""

    def __init__(self, root: Path, theme: str):
        files = small_theme.files() if theme == "small" else {}
        self.site = Site(root, files)
        self.config = {"title": "A list", "id": "tag:list.example,2024:list", "theme": theme, "per_page": "2"}
        self.options: dict[str, Any] = {}
        self.foreign: dict[str, bytes] = {}
        self.kill_at = -1
        self.configure()
        for number in range(3):
            add(self, number, number)

    @property
    def theme(self) -> Path:
        return self.site.root / "themes" / self.config["theme"]

    def configure(self) -> None:
        self.site.write("site.yml", "".join(f"{key}: {value}\n" for key, value in self.config.items()))

    def papers(self) -> list[Path]:
        return sorted((self.site.root / "content/papers").glob("*.md"))

    def chosen(self, number: int) -> Path | None:
        papers = self.papers()
        return papers[number % len(papers)] if papers else None

    def listed(self) -> list[str]:
        """Return the files of the last build that are still there."""
        try:
            manifest = site_gen.output.load(self.site.output)
        except site_gen.output.OutputError:
            return []
        return sorted(path for path in manifest.files if (self.site.output / path).is_file())


def maybe(chance: random.Random, *values: Any) -> Any:
    return chance.choice((None, *values))


def add(world: World, which: int, how: int) -> None:
    chance = random.Random(how)
    names = ["Ada Lovelace", "Lovelace, Ada", "Grace Hopper", "Zoë Ångström", {"name": "A Group"}]
    text = paper(
        chance.choice([f"Paper {how}", f"On $x_{how % 9}$ & <b>", "Same", "“Ünï” 漢字"]),
        f"A summary, {how}. It links to [another](/papers/p1/).\n\nMore: $a^{how % 7}$.",
        date=maybe(chance, "2023", "2023-05", "2023-05-17", "2024-12-30", "2025-01-01"),
        added=maybe(chance, "2024-01-01", "2024-01-02", "2024-02-03", "2025-01-01"),
        tags=maybe(chance, *([tag] for tag in TAGS), ["C++", "c#", "NLP"]),
        authors=maybe(chance, names[:1], names[1:3], names, ["Grace Hopper", "Zoë Ångström"]),
        venue=maybe(chance, "A Journal", {"name": "A Conference", "short": "AC", "volume": "3"}),
        organization=maybe(chance, "A Lab", ["A Lab", "Another"]),
        added_by=maybe(chance, "ada"),
        featured=maybe(chance, True),
        draft=True if chance.random() < 0.1 else None,
        status=maybe(chance, "preprint", "retracted"),
        discussion=maybe(chance, {"comments": how % 4}),
        aliases=[f"old-{how % 3}"] if chance.random() < 0.1 else None,
    )
    world.site.write(f"content/papers/p{which % 9}.md", text)


def edit_below_the_summary(world: World, which: int, how: int) -> None:
    chosen = world.chosen(which)
    if chosen:
        chosen.write_text(f"{chosen.read_text('utf-8')}\n\nAdded below, {how}.\n", "utf-8")


def edit_title(world: World, which: int, how: int) -> None:
    chosen = world.chosen(which)
    if chosen:
        lines = chosen.read_text("utf-8").split("\n")
        lines[1] = f"title: Another title {how % 4}"
        chosen.write_text("\n".join(lines), "utf-8")


def rename(world: World, which: int, how: int) -> None:
    chosen, target = world.chosen(which), world.site.root / f"content/papers/q{how % 3}.md"
    if chosen and not target.exists():
        chosen.rename(target)


def delete(world: World, which: int, how: int) -> None:
    chosen = world.chosen(which)
    if chosen:
        chosen.unlink()


TAGS = ("honesty", "Honesty", "C++", "C#", "rlhf")
VOCABULARIES = (
    None,
    "honesty: {description: Telling}\nC++:\nC#:\nRLHF: {synonyms: [nlp]}\n",
    "Honesty: {synonyms: [truth]}\nC++: {synonyms: ['c#']}\nRLHF: {formerly: [preferences]}\nNLP:\n",
    "truth: {synonyms: [honesty], description: Telling it}\nC: {synonyms: ['C++'], formerly: [honesty]}\n",
)
PEOPLE = (None, "Ada King: {synonyms: [Ada Lovelace], url: 'https://ada.example/'}\n", "Grace Hopper:\n")


def put(world: World, path: str, text: str | None) -> None:
    if text is not None:
        world.site.write(path, text)
    elif (world.site.root / path).exists():
        world.site.remove(path)


def edit_tags(world: World, which: int, how: int) -> None:
    put(world, "content/tags.yml", VOCABULARIES[which % len(VOCABULARIES)])


def edit_people(world: World, which: int, how: int) -> None:
    put(world, "content/people.yml", PEOPLE[which % len(PEOPLE)])


def edit_page(world: World, which: int, how: int) -> None:
    text = f"---\ntitle: About {how % 3}\n---\nText, {how}.\n" if how % 4 else None
    put(world, f"content/pages/about-{which % 2}.md", text)


TEMPLATES = small_theme.templates()


def edit_template(world: World, which: int, how: int) -> None:
    name = ("base", "card", "macros", "paper", "home", "term", "sitemap")[which % 7]
    name = next(template for template in TEMPLATES if template.startswith(f"{name}."))
    found = world.theme / "templates" / name
    if world.config["theme"] == "default":
        original = site_gen.themes.default_theme() / "templates" / name
        put(world, f"themes/default/templates/{name}", f"{original.read_text()}<!-- {how} -->" if how % 4 else None)
    elif found.is_file():
        text = TEMPLATES[name]
        if name == "macros.html.j2":
            text = text.replace("{{ value }}", f"{how % 5}: {{{{ value }}}}")
        else:
            text += f"<!-- {how % 5} -->"
        found.write_text(text)


def edit_style_sheet(world: World, which: int, how: int) -> None:
    folder = f"themes/{world.config['theme']}/assets"
    put(world, f"{folder}/{('site.css', 'own.css')[which % 2]}", f"body {{ margin: {how % 9}px }}" if how % 5 else None)


SETTINGS = {
    "title": ("A list", "Another list", "Une liste"),
    "tagline": (None, "Some words"),
    "base_url": (None, "https://list.example/", "https://list.example/repo/", "https://other.example/repo/"),
    "per_page": ("1", "2", "3", "20"),
    "author_page_min_papers": (None, "1", "3"),
    "repository": (None, "https://code.example/a/list"),
    "curators": (None, "[Ada]"),
    "language": ("en", "fa"),
    "id": (None, "tag:list.example,2024:list"),
}


def edit_settings(world: World, which: int, how: int) -> None:
    key = list(SETTINGS)[which % len(SETTINGS)]
    value = SETTINGS[key][how % len(SETTINGS[key])]
    if value is None:
        world.config.pop(key, None)
    else:
        world.config[key] = value
    world.configure()


def edit_image(world: World, which: int, how: int) -> None:
    path = f"content/images/{which % 2}.png"
    if how % 3:
        world.site.write(path, PNG + bytes([how % 256]))
    elif (world.site.root / path).exists():
        world.site.remove(path)


def edit_static_file(world: World, which: int, how: int) -> None:
    """Write or remove a file; its name may be that of a folder so far, or below what was a file."""
    path = (
        world.site.root / ("static/a.txt", "static/a.txt/b.txt", "static/a.txt/c/d.txt", "static/images/e")[which % 4]
    )
    for place in (path, *path.parents):
        if place == world.site.root:
            break
        if place.is_file():
            place.unlink()
    if path.is_dir():
        shutil.rmtree(path)
    if how % 4:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(how % 5))


def damage(world: World, which: int, how: int) -> None:
    listed = world.listed()
    if not listed:
        return
    path = world.site.output / listed[which % len(listed)]
    data = path.read_bytes()
    if how % 5 == 0:
        path.unlink()
    elif how % 5 == 1:
        path.write_bytes(data[: len(data) // 2])
    elif how % 5 == 2:
        path.write_bytes(bytes(byte ^ 1 for byte in data))
    elif how % 5 == 3:
        path.write_bytes(data + b"\n")
    elif path.parent != world.site.output:
        shutil.rmtree(path.parent)
        for name in [name for name in world.foreign if not (world.site.output / name).exists()]:
            del world.foreign[name]


def add_foreign_file(world: World, which: int, how: int) -> None:
    if not world.listed():
        return
    folders = sorted({"", *(path.rpartition("/")[0] + "/" for path in world.listed() if "/" in path)})
    folders = [folder for folder in folders if not folder.startswith("a.txt")]
    path = f"{folders[which % len(folders)]}foreign-{how % 3}"
    world.foreign[path] = str(how).encode()
    (world.site.output / path).write_bytes(world.foreign[path])


def scramble_times(world: World, which: int, how: int) -> None:
    for number, path in enumerate(sorted(world.site.root.rglob("*"))):
        if path.name != MANIFEST and (number + which) % 3 == 0:
            os.utime(path, (how * 1e6, how * 1e6))


def break_a_paper(world: World, which: int, how: int) -> None:
    put(world, "content/papers/broken.md", paper(unknown="key", added=None) if how % 3 else None)


def toggle_drafts(world: World, which: int, how: int) -> None:
    world.options["drafts"] = not world.options.get("drafts", False)


def move_the_site(world: World, which: int, how: int) -> None:
    world.options["base_url"] = ("", "https://third.example/x/")[which % 2]


def kill_the_next_build(world: World, which: int, how: int) -> None:
    world.kill_at = (which * 7 + how) % 60


def nothing(world: World, which: int, how: int) -> None:
    pass


EDITS: tuple[Callable[[World, int, int], None], ...] = (
    *(add, edit_below_the_summary, edit_title, rename, delete) * 2,
    *(edit_tags, edit_people, edit_page, edit_template, edit_style_sheet, edit_settings, edit_settings, edit_image),
    *(edit_static_file, damage, damage, add_foreign_file, scramble_times, break_a_paper, toggle_drafts, move_the_site),
    *(kill_the_next_build, nothing),
)
Step = tuple[Callable[[World, int, int], None], int, int, str]
Builder = Callable[[Options, Build | None], Build]

# --- The property -----------------------------------------------------------------------------------------------------


class Stale(AssertionError):
    """The incremental output is not the clean output."""


def demand(claim: bool, message: object) -> None:
    if not claim:
        raise Stale(message)


def follow(steps: list[Step], theme: str, racy: bool, build: Builder = site_gen.build.build) -> None:
    """Make the edits in a fresh site, building in between as the steps say, and compare the end with a clean build.

    With `racy` the files of a test, which are seconds old, are trusted by their status as older ones are.
    """
    with tempfile.TemporaryDirectory(dir=MEMORY) as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(site_gen.build, "code_digest", lambda root: "the code stays as it is")
        if racy:
            patch.setattr(site_gen.output, "racy", lambda stamp: 0)
        patch.setattr(tempfile, "tempdir", name)
        world = World(Path(name) / "site", theme)
        previous: Build | None = None
        for edit, which, how, then in steps:
            edit(world, which, how)
            if then != "wait":
                previous = one_build(world, previous if then == "previous" else None, build)
        compare(world, previous, build)


def one_build(world: World, previous: Build | None, build: Builder) -> Build | None:
    options = world.site.options(**world.options)
    if world.kill_at >= 0:
        number, world.kill_at = world.kill_at, -1
        with killed_at(number):
            return build(options, previous)
        return None
    before = tree(world.site.output) if (world.site.root / "content/papers/broken.md").exists() else None
    done = build(options, previous)
    demand(done.ok or before in (None, tree(world.site.output)), "a build with errors changed the output")
    return done


def compare(world: World, previous: Build | None, build: Builder) -> None:
    """Build once more, and clean, and take away what is wrong until there are files to compare."""
    site, fresh = world.site, world.site.root.parent / "fresh"
    world.kill_at = -1
    while True:
        done = one_build(world, previous, build)
        clean = site_gen.build.build(replace(site.options(**world.options), output=fresh))
        assert done is not None
        demand(done.problems == clean.problems, (done.problems, clean.problems))
        demand(done.ok == clean.ok, "one of the two builds failed")
        if clean.ok:
            break
        wrong = {site.root / problem.location.path for problem in clean.problems if problem.severity == "error"}
        assert any(path.is_file() for path in wrong), clean.problems
        for path in filter(Path.is_file, wrong):
            path.unlink()
    demand((done.papers, done.pages) == (clean.papers, clean.pages), "other numbers of papers or pages")
    found, expected = tree(site.output), tree(fresh)
    for path, data in world.foreign.items():
        demand(found.pop(path, None) == data, f"{path} is not ours and was touched")
        for parent in Path(path).parents:
            if parent.as_posix() not in expected and not any(Path(other).is_relative_to(parent) for other in found):
                found.pop(parent.as_posix(), None)
    held = {parent.as_posix() for path in world.foreign for parent in Path(path).parents}
    different = sorted(
        path
        for path in found.keys() | expected.keys()
        if path != MANIFEST and path not in held and found.get(path, "none") != expected.get(path, "none")
    )
    demand(not different, different)
    again = build(site.options(**world.options), None)
    demand(again.ok and not again.written and not again.deleted, (again.written, again.deleted))


STEPS = st.lists(
    st.tuples(
        st.sampled_from(EDITS),
        st.integers(0, 200),
        st.integers(0, 200),
        st.sampled_from(("previous", "previous", "new", "wait")),
    ),
    min_size=10,
    max_size=14,
)
THEMES = st.sampled_from(("small",) * 15 + ("default",))


def counterexample(examples: int, number: int, defect: str = "") -> tuple[int, str]:
    """Try sequences and return how many were tried and what the first stale one looks like, "" when there is none."""
    tried = set()
    build = site_gen.build.build

    @seed(number)
    @settings(
        max_examples=examples,
        derandomize=False,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        phases=(Phase.generate,) if defect else (Phase.generate, Phase.shrink),
    )
    @given(STEPS, THEMES, st.booleans())
    def law(steps: list[Step], theme: str, racy: bool) -> None:
        tried.add(repr((steps, theme, racy)))
        if defect:
            world_of_defect = DEFECTS[defect]()
            follow(steps, "small", racy, planted(build, world_of_defect))
        else:
            follow(steps, theme, racy)

    try:
        law()
    except Stale:
        return len(tried), traceback.format_exc()
    return len(tried), ""


def test_after_any_sequence_of_edits_the_incremental_output_is_the_clean_output() -> None:
    workers = min(os.cpu_count() or 1, 8)
    parts = [(SEQUENCES + 15) // 16] * 16
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        results = list(pool.map(counterexample, parts, range(len(parts))))
    assert [stale for _, stale in results if stale] == []
    assert sum(tried for tried, _ in results) >= 0.95 * SEQUENCES  # the very simplest are the same in several parts


# --- Planted defects ---------------------------------------------------------------------------------------------------
# Each is a change to the incremental build alone; the clean build, which it is compared with, stays right.

Defect = Callable[[pytest.MonkeyPatch], None]


def theme_left_out_of_the_fingerprint() -> Defect:
    def plant(patch: pytest.MonkeyPatch) -> None:
        original = site_gen.themes.Renderer.digests

        def digests(self: Any) -> Any:
            found, problems = original(self)
            return dict.fromkeys(found, "the same"), problems

        patch.setattr(site_gen.themes.Renderer, "digests", digests)

    return plant


def deleted_page_kept() -> Defect:
    def plant(patch: pytest.MonkeyPatch) -> None:
        original = site_gen.output.diff
        patch.setattr(site_gen.output, "diff", lambda *given: replace(original(*given), delete=()))

    return plant


def stale_memo() -> Defect:
    read: dict[str, Any] = {}

    def plant(patch: pytest.MonkeyPatch) -> None:
        original = site_gen.build.read_paper

        def read_paper(source: Any) -> Any:
            return read.setdefault(source.path, original(source))  # by its path only, whatever it says now

        patch.setattr(site_gen.build, "read_paper", read_paper)

    return plant


def lost_neighbour() -> Defect:
    def plant(patch: pytest.MonkeyPatch) -> None:
        original = site_gen.build.fingerprint

        def fingerprint(value: Any) -> str:
            if isinstance(value, tuple) and value and isinstance(value[-1], PaperContext):
                value = (*value[:-1], replace(value[-1], previous=None, next=None))
            return original(value)

        patch.setattr(site_gen.build, "fingerprint", fingerprint)

    return plant


def unchecked_disk() -> Defect:
    def plant(patch: pytest.MonkeyPatch) -> None:
        def scan(folder: Path, paths: Any, manifest: Any) -> Any:
            return {path: record.digest or "?" for path, record in manifest.files.items()}, {}

        patch.setattr(site_gen.output, "scan", scan)

    return plant


DEFECTS = {
    plant.__name__: plant
    for plant in (
        theme_left_out_of_the_fingerprint,
        deleted_page_kept,
        stale_memo,
        lost_neighbour,
        unchecked_disk,
    )
}


def planted(build: Builder, defect: Defect) -> Builder:
    def built(options: Options, previous: Build | None) -> Build:
        with pytest.MonkeyPatch.context() as patch:
            defect(patch)
            return build(options, previous)

    return built


@pytest.mark.parametrize("defect", DEFECTS)
def test_a_planted_defect_is_caught(defect: str) -> None:
    tried, stale = counterexample(100, 0, defect)
    assert stale, f"{tried} sequences did not show it"


# --- A few sequences in new processes indeed ---------------------------------------------------------------------------


def test_the_law_holds_for_builds_by_new_processes(tmp_path: Path) -> None:
    world = World(tmp_path / "site", "default")
    command = [sys.executable, str(REPOSITORY / "build.py"), "build", "--no-search", "--quiet"]
    for number, edit in enumerate((nothing, edit_title, delete, edit_template, edit_settings, damage)):
        edit(world, number, number)
        subprocess.run(command, cwd=world.site.root, check=True, capture_output=True)
    compare(world, None, site_gen.build.build)


# --- Exactly what has to be written is written -------------------------------------------------------------------------


VOCABULARY = "odd: {description: Not even}\neven:\n"


def big_site(root: Path) -> Site:
    """Return a built site of 33 papers, three more than a feed holds; p33 is the newest addition."""
    settings = "title: A list\nid: tag:list.example,2024:list\nbase_url: https://list.example/\nper_page: 10\n"
    site = Site(root, {"site.yml": settings, "content/tags.yml": VOCABULARY, "content/images/i.png": PNG})
    for number in range(1, 34):
        site.write(f"content/papers/p{number:02}.md", numbered(number))
    assert site.build().ok
    return site


def numbered(number: int, title: str = "", body: str = "A summary.\n\nMore.") -> str:
    return paper(
        title or f"Paper {number}",
        body,
        date=f"20{10 + number // 10}-03-{number % 10 + 1:02}",
        added=f"2024-{1 + number // 28:02}-{1 + number % 28:02}",
        tags=["odd" if number % 2 else "even"],
        authors=[f"Author {chr(64 + number % 10)}. Alone", "Ada Lovelace"],
        venue={"name": "A Journal", "short": f"J{number % 10}"},
    )


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return big_site(tmp_path_factory.mktemp("prepared") / "site")


@pytest.fixture
def built(prepared: Site, tmp_path: Path) -> Site:
    shutil.copytree(prepared.root, tmp_path / "site", copy_function=shutil.copy2)
    site = Site.__new__(Site)
    site.root, site.output = tmp_path / "site", tmp_path / "site/_site"
    return site


def written(site: Site) -> set[str]:
    before = {path: (site.output / path).stat().st_mtime_ns for path in site.files()}
    done = site.build()
    assert done.ok, done.problems
    after = {path: (site.output / path).stat().st_mtime_ns for path in site.files()}
    assert {path for path in after if after[path] != before.get(path)} == set(done.written)
    assert before.keys() - after.keys() == set(done.deleted)
    return {path.removesuffix("index.html") for path in done.written} | {f"-{path}" for path in done.deleted}


FORMATS = ("bib", "biblatex.bib", "ris", "csl.json")
CITATIONS = {f"papers.{ending}" for ending in FORMATS}
# What has whole notes of all papers in it.
NOTES = {"papers.json", *(f"papers-with-notes.{ending}" for ending in FORMATS)}


def test_an_edit_below_the_summary_writes_one_page_its_feeds_and_what_has_notes_in_it(built: Site) -> None:
    built.write("content/papers/p33.md", numbered(33, body="A summary.\n\nMuch more."))
    feeds = {"feed.xml", "feed.json", "tags/odd/feed.xml", "venues/j3/feed.xml", "authors/ada-lovelace/feed.xml"}
    assert written(built) == {"papers/p33/", "papers/p33/index.md", *feeds, *NOTES}


def test_an_edit_below_the_summary_of_an_old_paper_writes_its_archive_of_the_feed(built: Site) -> None:
    """It is among the last 30 of a tag and a venue, but not of the list and of an author."""
    built.write("content/papers/p02.md", numbered(2, body="A summary.\n\nMuch more."))
    assert written(built) == {"papers/p02/", "papers/p02/index.md", *FEEDS_OF_P02, *NOTES}


def test_an_edit_of_the_summary_writes_the_lists_that_show_it(built: Site) -> None:
    built.write("content/papers/p02.md", numbered(2, body="Another summary.\n\nMore."))
    expected = {"papers/p02/", "papers/p02/index.md", "llms.txt", *LISTS_OF_P02, *FEEDS_OF_P02, *NOTES}
    assert written(built) == expected


FEEDS_OF_P02 = {"feed/1.xml", "tags/even/feed.xml", "venues/j2/feed.xml"}
CITATIONS_OF_P02 = {
    "papers/p02/cite.bib",
    "papers/p02/cite.ris",
    "papers/p02/cite.json",
    "tags/even/papers.bib",
    "venues/j2/papers.bib",
    *CITATIONS,
}
LISTS_OF_P02 = {
    "page/1/",
    "tags/even/",
    "authors/author-b-alone/",
    "authors/ada-lovelace/page/1/",
    "venues/j2/",
    "author-counts/2/page/1/",
    "dates/2010/",
    "dates/2010/03/",
    "dates/2010/03/03/",
    "dates/2010/W09/",
}


def test_an_edit_of_a_title_writes_its_lists_citations_and_neighbours(built: Site) -> None:
    built.write("content/papers/p02.md", numbered(2, "Another title"))
    pages = {"papers/p02/", "papers/p02/index.md", "papers/p01/", "papers/p03/", "llms.txt", *LISTS_OF_P02}
    assert written(built) == {*pages, *FEEDS_OF_P02, *CITATIONS_OF_P02, *NOTES}


def test_a_new_paper_writes_its_lists_their_counts_and_its_neighbour_and_no_archive_of_the_feed(built: Site) -> None:
    text = paper("New", date="2013-03-09", added="2025-01-01", tags=["odd"], authors=["New Author"])
    built.write("content/papers/new.md", text)
    pages = {
        "papers/new/",
        "papers/p33/",
        "",
        "search/",
        "tags/",
        "tags/odd/",
        "authors/",
        "author-counts/",
        "author-counts/1/",
    }
    archive = {"dates/", "dates/2013/", "dates/2013/03/", "dates/2013/03/09/", "dates/2013/03/04/", "dates/2013/W10/"}
    beside = {f"papers/new/{name}" for name in ("cite.bib", "cite.ris", "cite.json", "index.md")}
    programs = {"feed.xml", "feed.json", "tags/odd/feed.xml", "tags/odd/papers.bib", "llms.txt", "sitemap.xml"}
    assert written(built) == {*pages, *archive, *beside, *programs, *CITATIONS, *NOTES}


def test_deleting_a_paper_writes_its_lists_and_neighbours_and_deletes_its_page(built: Site) -> None:
    built.remove("content/papers/p33.md")
    gone = written(built)
    assert {path for path in gone if path.startswith("-")} == {
        "-papers/p33/index.html",
        "-papers/p33/index.md",
        "-papers/p33/cite.bib",
        "-papers/p33/cite.ris",
        "-papers/p33/cite.json",
        "-dates/2013/03/04/index.html",
        "-dates/2013/W10/index.html",
    }
    assert {"papers/p32/", "", "tags/odd/", "dates/2013/", "feed.xml", "tags/odd/papers.bib", *CITATIONS} <= gone
    assert not gone & {"papers/p31/", "page/1/", "tags/even/", "dates/2012/", "feed/1.xml", "feeds.opml"}
    assert not (built.output / "papers/p33").exists()


def test_a_style_sheet_writes_that_one_file(built: Site) -> None:
    built.write("themes/default/assets/site.css", "body {}")
    assert written(built) == {"assets/site.css"}


def test_the_template_of_a_card_writes_pages_with_lists_only(built: Site) -> None:
    card = site_gen.themes.default_theme() / "templates/card.html.j2"
    built.write("themes/default/templates/card.html.j2", card.read_text() + "<!-- -->")
    pages = written(built)
    assert {"", "tags/odd/", "dates/2010/"} <= pages
    assert not pages & {"404.html", "feed.xml", "robots.txt", "sitemap.xml"}


def test_the_template_of_every_page_writes_every_page(built: Site) -> None:
    base = site_gen.themes.default_theme() / "templates/base.html.j2"
    built.write("themes/default/templates/base.html.j2", base.read_text() + "<!-- -->")
    html = {path.removesuffix("index.html") for path in built.files() if path.endswith(".html")}
    assert written(built) == html


def test_the_description_of_a_tag_writes_its_pages_and_what_lists_it(built: Site) -> None:
    built.write("content/tags.yml", VOCABULARY.replace("Not even", "Said otherwise"))
    assert written(built) == {"tags/odd/", "tags/", "", "llms.txt"}


def test_an_image_or_static_file_writes_that_one_file(built: Site) -> None:
    built.write("content/images/i.png", PNG + b"other")
    built.write("static/robots.json", "{}")
    assert written(built) == {"images/i.png", "robots.json"}


def test_a_vocabulary_that_says_the_same_writes_nothing(built: Site) -> None:
    built.write("content/tags.yml", f"# A comment.\n{VOCABULARY}")
    assert written(built) == set()


def test_nothing_writes_nothing_not_even_the_record(built: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    built.build()  # which finds other inodes, because the folder is a copy
    monkeypatch.setattr(site_gen.output, "racy", lambda stamp: -1_000_000_000)  # as if a second had passed
    before = {path: path.stat().st_mtime_ns for path in [built.output, *built.output.rglob("*")]}
    assert written(built) == set()
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_damage_is_repaired_and_nothing_else_is_written(built: Site) -> None:
    (built.output / "tags/odd/index.html").write_bytes(b"")
    (built.output / "assets/site.css").unlink()
    assert written(built) == {"tags/odd/", "assets/site.css"}


def test_a_build_without_changes_imports_no_renderer_and_reads_no_output(built: Site) -> None:
    """What makes it fast: neither Markdown nor Jinja is loaded, and file status stands for bytes."""
    program = (
        "import sys; from pathlib import Path; from site_gen.build import Options, build\n"
        "import site_gen.output as output; output.racy = lambda stamp: -10**9\n"
        "output.hash_file = lambda path: sys.exit(f'{path} was read')\n"
        "done = build(Options(Path('site.yml'), Path('_site'), search=False))\n"
        "assert done.ok and not done.written, done\n"
        "assert not {'jinja2', 'markdown_it', 'latex2mathml', 'hypothesis'} & sys.modules.keys(), 'imported'\n"
    )
    built.build()
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    subprocess.run([sys.executable, "-c", program], cwd=built.root, env=environment, check=True)
