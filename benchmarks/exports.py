"""What do citations, feeds and metadata cost? The same list built with and without them, in turn, in one run.

    python benchmarks/exports.py [--papers 10000] [--runs 5] [--no-search] [--no-gate]

Builds the tree of `benchmarks/trees.py` cold, every time into a fresh folder: once as it is, and once by the same code
with nothing of `site_gen.exports`, `feeds` and `metadata` planned and a paper's page without its cite box. Prints the
medians, their ratio, and a table of the files that it is about.

Invariant: both sites have the same pages; it fails when they differ, and (without --no-gate) when the ratio is above
`GOAL` or a document of a feed above a megabyte.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from statistics import median

from processes import Sample, measure, peak_memory

ROOT = Path(__file__).resolve().parent.parent
GOAL = 1.6
MEGABYTE = 1_000_000
KINDS = (
    ("beside each paper", r"papers/[^/]+/(cite\..*|index\.md)"),
    ("papers.bib of tags and venues", r"(tags|venues)/.*papers\.bib"),
    ("feeds of tags, venues and authors", r"(tags|venues|authors)/.*feed\.xml"),
    ("the list's feed and its archives", r"feed\.xml|feed\.json|feed/.*|feeds\.opml"),
    ("citations of the whole list", r"papers[^/]*\.(bib|ris|csl\.json)"),
    ("papers.json, its schema, llms.txt", r"papers\.json|papers\.schema\.json|llms\.txt"),
    ("addresses by arXiv identifier", r"arxiv/.*"),
)


def build_without(arguments: list[str]) -> int:
    """Run the command line with all that this benchmark is about taken out."""
    sys.path.insert(0, str(ROOT))
    from site_gen import cli, metadata, pages, themes

    pages.feed_pages = lambda *_: iter(())  # type: ignore[assignment]
    pages.export_pages = lambda *_: iter(())  # type: ignore[assignment]
    themes.head = metadata.head = lambda *_: ""  # type: ignore[assignment, attr-defined]
    read = themes.read_file
    box = re.compile(rb'<section class="cite".*?</section>\n', re.DOTALL)
    themes.read_file = lambda path, limit: box.sub(b"", read(path, limit))  # type: ignore[assignment, attr-defined]
    return cli.main(arguments)


def command(which: str, tree: Path, out: Path, search: bool) -> list[str]:
    """Return the command of a cold build, "with" or "without"."""
    program = [str(ROOT / "build.py")] if which == "with" else [__file__, "--child"]
    options = ["--config", str(tree / "site.yml"), "--output", str(out), "--quiet"]
    return [sys.executable, *program, "build", *options, *([] if search else ["--no-search"])]


def files(out: Path) -> dict[str, int]:
    """Return the sizes of all files of a site by path, but for the search index and the record of the build."""
    found = {path.relative_to(out).as_posix(): path.stat().st_size for path in out.rglob("*") if path.is_file()}
    return {path: size for path, size in found.items() if not path.startswith(("pagefind/", "."))}


def differences(whole: dict[str, int], least: dict[str, int]) -> list[str]:
    """Return what is wrong: pages that only one site has, files that no row of `KINDS` names, feeds that are too large."""
    extra = {path for path in whole if path not in least}
    unnamed = [path for path in extra if not any(re.fullmatch(kind, path) for _, kind in KINDS)]
    lines = [f"only in one of the two: {path}" for path in sorted({*unnamed, *(set(least) - set(whole))})[:20]]
    feeds = [path for path in extra if path.endswith("feed.xml") or path.startswith("feed/")]
    return lines + [f"{path} is above a megabyte" for path in feeds if whole[path] > MEGABYTE]


def main() -> int:
    """Read the arguments, measure, print and say what is missed."""
    parser = argparse.ArgumentParser(
        description="Build the same papers with and without citations, feeds and metadata."
    )
    parser.add_argument("--papers", type=int, default=10_000, metavar="N")
    parser.add_argument("--runs", type=int, default=5, metavar="N")
    parser.add_argument("--no-search", action="store_true", help="leave the search index out on both sides")
    parser.add_argument("--no-gate", action="store_true", help="report a goal that is missed, and exit 0")
    arguments = parser.parse_args()
    samples: dict[str, list[Sample]] = {"with": [], "without": []}
    peaks, sites = {}, {}
    with tempfile.TemporaryDirectory(prefix="reading-room-bench-", ignore_cleanup_errors=True) as folder:
        work = Path(folder)
        trees = [sys.executable, str(ROOT / "benchmarks" / "trees.py"), "--papers", str(arguments.papers)]
        measure([*trees, "--out", str(work / "trees")])
        tree = work / "trees" / "ours"
        for which in samples:
            out = work / which
            peaks[which] = peak_memory(command(which, tree, out, not arguments.no_search))
            sites[which] = files(out)
        for run in range(arguments.runs):
            for which in sorted(samples, reverse=bool(run % 2)):
                out = work / f"{which}-{run}"
                sample = measure(command(which, tree, out, not arguments.no_search))
                samples[which].append(sample)
                shutil.rmtree(out)
                print(f"run {run + 1} of {arguments.runs}: {which} {sample.wall:.2f} s", file=sys.stderr, flush=True)
    wall = {which: median(sample.wall for sample in found) for which, found in samples.items()}
    cpu = {which: median(sample.cpu for sample in found) for which, found in samples.items()}
    print(f"{arguments.papers:,} papers, medians of {arguments.runs} runs, search {not arguments.no_search}\n")
    print("| | with | without | with/without |\n| --- | ---: | ---: | ---: |")
    for name, figures, unit in (("wall", wall, "s"), ("CPU", cpu, "s"), ("peak memory", peaks, "MB")):
        shown = {which: figure / MEGABYTE if unit == "MB" else figure for which, figure in figures.items()}
        row = " | ".join(f"{shown[which]:.3g} {unit}" for which in ("with", "without"))
        print(f"| {name} | {row} | {shown['with'] / shown['without']:.2f} |")
    print("\n| files | | MB |\n| --- | ---: | ---: |")
    whole, least = sites["with"], sites["without"]
    counts, sizes = Counter[str](), Counter[str]()
    for path in whole.keys() - least.keys():
        name = next((name for name, kind in KINDS if re.fullmatch(kind, path)), "other")
        counts[name] += 1
        sizes[name] += whole[path]
    for name, _ in KINDS:
        print(f"| {name} | {counts[name]:,} | {sizes[name] / MEGABYTE:.1f} |")
    grown = sum(whole[path] - least[path] for path in least)
    print(f"| pages, grown by | {len(least):,} | {grown / MEGABYTE:.1f} |")
    wrong = differences(whole, least)
    ratio = wall["with"] / wall["without"]
    if ratio > GOAL and not arguments.no_gate:
        wrong.append(f"it takes {ratio:.2f} of the time; the goal is at most {GOAL}")
    for line in wrong:
        print(f"error: {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(build_without(sys.argv[2:]) if sys.argv[1:2] == ["--child"] else main())
