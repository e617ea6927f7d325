"""The one function that strings the stages together: the command line, the preview and the tests all call `build`.

Reads everything, plans everything, and renders only what differs from the record of the last build. Problems of all
files are collected; while there is an error, nothing in the output folder changes. Long, because it holds the order of
all stages and nothing of them is hidden in a framework.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from site_gen import output, search, workers
from site_gen.config import Config, normal_base_url, read_config
from site_gen.contexts import Asset, Plan, output_path
from site_gen.fingerprint import digest, fingerprint
from site_gen.library import collect
from site_gen.output import Manifest, OutputError, Stage
from site_gen.pages import plan
from site_gen.papers import ContentPage, Paper, place_of, read_content_page, read_paper
from site_gen.problems import Location, Problem, counted, has_errors, in_order
from site_gen.sources import (
    MAX_IMAGE,
    MAX_STATIC,
    MAX_TEXT,
    Source,
    Sources,
    decoded,
    image_problems,
    read_file,
    read_sources,
)
from site_gen.text import forget
from site_gen.themes import PACKAGE, Renderer, Theme, find_theme
from site_gen.vocabulary import read_vocabulary

# The libraries whose version can change a byte of the output.
SHAPING = ("markdown-it-py", "mdit-py-plugins", "jinja2", "markupsafe", "latex2mathml", "pylatexenc", "nh3", "pyyaml")
Progress = Callable[[str, int, int], None]  # (what is being done, how many are done, of how many)


@dataclass(frozen=True, slots=True)
class Options:
    """What a build is asked for. `config` is the path of `site.yml`; the folder it is in is the site's root.

    `base_url` replaces that of `site.yml`, `default_base_url` stands in where `site.yml` has none.
    """

    config: Path
    output: Path
    base_url: str = ""
    default_base_url: str = ""
    strict: bool = False
    drafts: bool = False
    search: bool = True

    @property
    def root(self) -> Path:
        return self.config.parent


@dataclass(frozen=True)
class Build:
    """What came of a build, and the only thing handed to the next one.

    `ok` is False when errors stopped it. `pages` counts those that a browser shows. `written`, `deleted` and `unchanged`
    are output paths; `memo` maps (path, digest) of a source to what was read from it.
    """

    ok: bool
    problems: tuple[Problem, ...]
    papers: int = 0
    pages: int = 0
    written: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    unchanged: int = 0
    manifest: Manifest = field(default_factory=Manifest)
    memo: Mapping[tuple[str, str], Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Inputs:
    """All that a build reads, and the digest of it all."""

    config: Config
    theme: Theme
    sources: Sources
    code: str
    digest: str


@cache
def code_digest(root: Path) -> str:
    """Return the digest of the code, and of the versions of Python and the libraries that shape the output.

    Once in a process, as the code is imported once: a preview does not take up what changes under it.
    """
    from importlib import metadata

    files = [*sorted(PACKAGE.glob("*.py")), *sorted(PACKAGE.glob("*/*.py"))]
    own = root / "build.py"
    parts = [(file.relative_to(PACKAGE).as_posix(), digest(file.read_bytes())) for file in files]
    if own.is_file() and not own.is_symlink():
        parts.append(("/build.py", digest(own.read_bytes())))
    versions = tuple((name, metadata.version(name)) for name in SHAPING)
    return fingerprint((tuple(parts), versions, tuple(sys.version_info[:2])))


def read_inputs(options: Options) -> tuple[Inputs | None, list[Problem]]:
    """Read config, theme and sources; None with problems when the config or the theme cannot be used."""
    place = Location(str(options.config))
    try:
        data = read_file(options.config, MAX_TEXT)
    except FileNotFoundError:
        hint = "make a list with  reading-room init DIR , or name the file with  --config"
        return None, [Problem("bad-config", place, "there is no such file", hint)]
    except ValueError as error:
        return None, [Problem("bad-config", place, f"this file is {error}", "put a plain file in its place")]
    except OSError as error:
        if options.config.is_symlink():
            message, hint = "this is a symbolic link, which is not followed", "put the file itself in its place"
        else:
            message, hint = f"this file cannot be read: {error.strerror}", "let it be read"
        return None, [Problem("bad-config", place, message, hint)]
    text, problems = decoded(Source(options.config.name, "", data))
    if text is None:
        return None, [replace(problem, code="bad-config") for problem in problems]
    config, problems = read_config(options.config.name, text)
    sources, more = read_sources(options.root)
    problems += more
    if config is None:
        return None, problems
    base_url = options.base_url or config.base_url or options.default_base_url
    if base_url:
        config = replace(config, base_url=normal_base_url(base_url))
    theme, more = find_theme(options.root, config.theme, options.config.name)
    problems += more
    if theme is None:
        return None, problems
    # The digest of sources leaves their bytes out: a path and a digest stand for them.
    listed = tuple(
        tuple((source.path, source.digest) for source in group)
        for group in (sources.papers, sources.pages, sources.vocabularies, sources.images, sources.static)
    )
    code = code_digest(options.root)
    everything = (code, config, theme.digest, theme.assets, listed, options.drafts, in_order(problems))
    return Inputs(config, theme, sources, code, fingerprint(everything)), problems


def make_plan(inputs: Inputs, options: Options, memo: dict[tuple[str, str], Any]) -> tuple[Plan, int, list[Problem]]:
    """Return the plan, the number of papers in it, and all problems of the content; fills `memo` for the next build."""
    from site_gen.markup import body_problems  # with its libraries a sixth of a second, which a build of nothing spares

    sources = inputs.sources
    problems: list[Problem] = []
    papers: list[Paper] = []
    before, found = dict(memo), {}
    images = frozenset("/images/" + source.path.removeprefix("content/images/") for source in sources.images)
    for source in sources.papers:
        known = (source.path, source.digest)
        paper, more = found[known] = before.get(known) or read_paper(source)
        problems += more
        if paper is not None and (options.drafts or not paper.draft):
            papers.append(paper)
    memo.clear()
    memo.update(found)
    pages = []
    for source in sources.pages:
        page, more = read_content_page(source)
        problems += more
        if page is not None:
            pages.append(page)
    by_path = {source.path: source for source in (*sources.papers, *sources.pages)}
    texts: list[Paper | ContentPage] = [*papers, *pages]
    for text in texts:
        problems += body_problems(text.body, text.body_line, by_path[text.path], images)
    for paper in papers:
        if more := body_problems(paper.abstract, 1, by_path[paper.path], images):
            place = place_of(by_path[paper.path], "abstract")
            problems += [replace(problem, location=place) for problem in more]
    vocabularies = {source.stem: source for source in sources.vocabularies}
    tags, more = read_vocabulary(vocabularies.get("tags"))
    problems += more
    people, more = read_vocabulary(vocabularies.get("people"))
    problems += more + [problem for source in sources.images for problem in image_problems(source)]
    listed = {paper.path for paper in papers}
    unlisted = frozenset(source.stem for source in sources.papers if source.path not in listed)
    library, more = collect(papers, pages, tags, people, by_path, inputs.config.author_page_min_papers, unlisted)
    problems += more
    made, more = plan(library, inputs.config, inputs.theme.assets, sources)
    return made, len(papers), problems + more


def check(options: Options) -> Build:
    """Read and plan everything and report all problems; write nothing. Of each template one page is rendered, as a trial."""
    inputs, problems = read_inputs(options)
    if inputs is None:
        return Build(False, in_order(problems))
    made, papers, more = make_plan(inputs, options, {})
    renderer = Renderer(inputs.theme, made.site)
    _, template_problems = renderer.digests()
    if not has_errors([*problems, *more, *template_problems]):
        tried = {page.template: page for page in reversed(made.pages)}
        template_problems += [problem for page in tried.values() for problem in renderer(page)[1]]
    found = in_order([*problems, *more, *template_problems])
    return Build(not has_errors(found, options.strict), found, papers, made.html_pages)


def build(
    options: Options, previous: Build | None = None, progress: Progress = lambda what, done, total: None
) -> Build:
    """Make the output folder hold the site that the sources describe; return what was done, or the problems.

    `previous` spares reading sources again that have not changed; the result is the same without it.
    """
    collecting = gc.isenabled()
    gc.disable()  # reading makes hundreds of thousands of values that live to the end: looking for cycles costs a fifth
    try:
        output.check_folder(options.output, options.root)
        with output.locked(options.output) as lock:
            return _build(options, previous, progress, lock)
    except OutputError as error:
        return Build(False, (error.problem,), memo=previous.memo if previous else {})
    except OSError as error:
        message = f"the output could not be written: {error.strerror or error}"
        hint = "what is there is whole, each file old or new; the next build completes it"
        problem = Problem("output-failed", Location(str(error.filename or options.output)), message, hint)
        return Build(False, (problem,), memo=previous.memo if previous else {})
    finally:
        gc.unfreeze()
        (gc.enable if collecting else gc.disable)()


def _build(options: Options, previous: Build | None, progress: Progress, lock: int | None) -> Build:
    inputs, problems = read_inputs(options)
    if inputs is None:
        return Build(False, in_order(problems))
    folder, memo = options.output, dict(previous.memo) if previous else {}
    manifest = output.load(folder)
    if manifest.inputs == inputs.digest:
        done = _nothing_changed(inputs, options, manifest, memo, progress, lock)
        if done is not None:
            return done
    progress("reading papers", 0, len(inputs.sources.papers))
    made, papers, more = make_plan(inputs, options, memo)
    renderer = Renderer(inputs.theme, made.site)
    digests, template_problems = renderer.digests()
    found = in_order([*problems, *more, *template_problems])
    failed = Build(False, found, papers, memo=memo)
    if has_errors(found, options.strict):
        return failed
    site = fingerprint((inputs.code, made.site))
    inputs = replace(inputs, sources=Sources())  # they have said all, and memory is scarce from here on
    by_path = {output_path(page.url): page for page in made.pages}
    copied = {output_path(asset.url): asset for asset in made.assets}
    wanted = {path: fingerprint((site, digests[page.template], page.context)) for path, page in by_path.items()}
    wanted |= {path: asset.digest for path, asset in copied.items()}
    disk, fresh = output.scan(folder, wanted, manifest)
    manifest = replace(manifest, files={**manifest.files, **fresh})
    change = output.diff(wanted, manifest, disk)
    in_the_way = output.check_ways(folder, change)
    for path in change.foreign:
        message = "this file was not written by Reading Room, and the site has a file of the same name"
        in_the_way.append(Problem("foreign-file", Location(f"{folder.name}/{path}"), message, "move it away"))
    if in_the_way:
        return replace(failed, problems=in_order([*found, *in_the_way]))
    with Stage(folder) as stage:

        def render(number: int) -> str:
            """Put an output into the stage and return its digest; one broken template stops all."""
            progress("rendering pages", number, len(change.write))
            path = change.write[number]
            if path in by_path:
                data, wrong = renderer(by_path[path])
            else:
                data, wrong = _copy(copied[path], inputs.theme, options.root)
            if wrong:
                raise workers.Stop([_kept(problem) for problem in wrong])
            return stage.add(number, data)

        processes = workers.count(len(change.write))
        if processes > 1:
            forget()
        gc.freeze()  # what is planned lives to the end; what rendering leaves behind is collected without looking at it
        gc.enable()
        made_digests, stopped = workers.share(len(change.write), render, processes)
        if stopped:
            wrong = [_problem(kept) for found_there in stopped for kept in found_there]
            return replace(failed, problems=in_order([*found, *wrong]))
        progress("writing files", 0, len(change.write))
        report = {"papers": papers, "pages": made.html_pages, "warnings": [_kept(problem) for problem in found]}
        new = Manifest(inputs.digest, {}, report, manifest.search)
        manifest = stage.commit(change, wanted, made_digests, manifest, new)
    manifest, more = _search(options, manifest, papers, progress, lock)
    return Build(
        ok=not (options.strict and more),
        problems=in_order([*found, *more]),
        papers=papers,
        pages=made.html_pages,
        written=change.write,
        deleted=change.delete,
        unchanged=len(change.keep),
        manifest=manifest,
        memo=memo,
    )


def _nothing_changed(
    inputs: Inputs, options: Options, manifest: Manifest, memo: Mapping[Any, Any], progress: Progress, lock: int | None
) -> Build | None:
    """Return the finished build when inputs and outputs are those of the last one, or None when there is work to do."""
    disk, fresh = output.scan(options.output, manifest.files, manifest)
    if not output.unchanged(manifest, disk):
        return None
    output.clear_stage(options.output)  # of a build that was killed, whose change was taken back since
    problems = tuple(_problem(kept) for kept in manifest.report["warnings"])
    if has_errors(problems, options.strict):
        return Build(False, problems, manifest.report["papers"], memo=memo)
    if fresh:  # checked just now: the next build can go by their status
        with suppress(OSError):  # a full or read-only disk is no matter when there is nothing to write
            manifest = output.save(options.output, replace(manifest, files={**manifest.files, **fresh}))
    manifest, more = _search(options, manifest, manifest.report["papers"], progress, lock)
    return Build(
        ok=not (options.strict and more),
        problems=in_order([*problems, *more]),
        papers=manifest.report["papers"],
        pages=manifest.report["pages"],
        unchanged=len(manifest.files),
        manifest=manifest,
        memo=memo,
    )


def _search(
    options: Options, manifest: Manifest, papers: int, progress: Progress, lock: int | None
) -> tuple[Manifest, list[Problem]]:
    if not options.search:
        return manifest, []
    if not papers:
        return search.remove(options.output, manifest), []
    progress("indexing for search", 0, papers)
    return search.update(options.output, manifest, lock)


def _kept(problem: Problem) -> list[Any]:
    place = problem.location
    return [problem.code, place.path, place.line, place.column, place.excerpt, problem.message, problem.hint]


def _problem(kept: list[Any]) -> Problem:
    code, path, line, column, excerpt, message, hint = kept
    return Problem(code, Location(path, line, column, excerpt), message, hint)


def _copy(asset: Asset, theme: Theme, root: Path) -> tuple[Iterator[bytes], list[Problem]]:
    folder = theme.folders[int(asset.root.removeprefix("theme:"))] if asset.root else root
    limit = MAX_IMAGE if asset.path.startswith("content/images/") else MAX_STATIC
    try:
        data = read_file(folder / asset.path, limit)
        if digest(data) == asset.digest:
            return iter((data,)), []
        message = "this file changed while the site was built"
    except (OSError, ValueError) as error:
        message = f"this file cannot be read: {getattr(error, 'strerror', None) or error}"
    return iter(()), [Problem("unreadable", Location(asset.path), message, "build again")]


def closing_line(done: Build, seconds: float) -> str:
    """Return what a build did, in a line; files are pages and what is copied."""
    counts = f"{counted(len(done.written), 'file')} written, {done.unchanged:,} unchanged"
    if done.deleted:
        counts += f", {len(done.deleted):,} deleted"
    return f"{counted(done.papers, 'paper')}, {counted(done.pages, 'page')} ({counts}) in {seconds:.1f} s"
