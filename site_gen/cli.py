"""The command line: arguments, exit codes, progress, and what is printed.

Exit codes: 0 fine, 1 problems in the content, 2 usage, configuration or output folder, 130 interrupted. Problems go to
standard output in the form asked for; progress and the closing line go to standard error when the form is not text.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from site_gen import __version__
from site_gen.build import Build, Options, build, check, closing_line
from site_gen.config import normal_base_url
from site_gen.problems import ERROR, as_data, counted, escaped, has_errors, report, shows_colour

NOT_CONTENT = {"bad-config", "not-ours", "output-failed", "theme-missing", "template-error", "foreign-file"}


def _base_url(value: str) -> str:
    address = normal_base_url(value)
    if not address:
        raise argparse.ArgumentTypeError(
            f"{value!r} is not the web address of a home page, such as https://example.org/"
        )
    return address


def _port(value: str) -> int:
    if not value.isdigit() or not 0 <= int(value) <= 65535:
        raise argparse.ArgumentTypeError(f"{value!r} is not a port, a number up to 65535")
    return int(value)


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line; every option's help is its documentation."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config", type=Path, default=Path("site.yml"), metavar="FILE", help="the site's settings (site.yml)"
    )
    common.add_argument("--base-url", type=_base_url, metavar="URL", help="address of the home page, over site.yml's")
    common.add_argument("--default-base-url", type=_base_url, metavar="URL", help="the same, where site.yml has none")
    common.add_argument("--strict", action="store_true", help="warnings stop the build, too")
    common.add_argument("--quiet", action="store_true", help="print problems only")

    printed = argparse.ArgumentParser(add_help=False)
    printed.add_argument(
        "--format", choices=("text", "json", "github"), default="text", help="how problems are printed"
    )

    output = argparse.ArgumentParser(add_help=False)
    output.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        help="where the site goes (_site beside site.yml; of serve: .reading-room/preview)",
    )
    output.add_argument("--no-search", action="store_true", help="leave the search index as it is")

    root = argparse.ArgumentParser(
        prog="reading-room", description="Turn a folder of Markdown files, one a paper, into a website."
    )
    root.add_argument("--version", action="version", version=f"reading-room {__version__}")
    commands = root.add_subparsers(dest="command", metavar="COMMAND")
    one = commands.add_parser(
        "build", parents=[common, printed, output], help="build the site (what no command does, too)"
    )
    one.add_argument("--drafts", action="store_true", help="show papers marked as drafts")
    one = commands.add_parser("check", parents=[common, printed], help="report problems, write nothing")
    one.add_argument("--drafts", action="store_true", help="check the site with its drafts")
    one = commands.add_parser(
        "serve", parents=[common, output], help="build, serve locally, and build again on every change"
    )
    one.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
    one.add_argument("--port", type=_port, metavar="N", help="port to listen on (8000, or the next free one)")
    one.add_argument("--no-drafts", action="store_true", help="hide papers marked as drafts")
    one = commands.add_parser("init", help="start a list of your own in a new folder")
    one.add_argument("folder", type=Path, metavar="DIR", help="a folder that is empty or not there yet")
    return root


class Progress:
    """One line on a terminal that is written over, from the second second on; nothing anywhere else."""

    def __init__(self, quiet: bool):
        self.on = not quiet and sys.stderr.isatty()
        self.start = self.last = time.monotonic()
        self.shown = False

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if self.on and now - self.start > 1 and (now - self.last > 0.1 or not done):
            self.last, self.shown = now, True
            count = f" {done:,} of {total:,}" if done else ""
            print(f"\r\x1b[K{what}{count} …", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self.shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def exit_code(done: Build, arguments: argparse.Namespace) -> int:
    """Return 0, 1 for problems in the content, or 2 when the settings or the output folder are to blame."""
    if done.ok:
        return 0
    stopping = [p for p in done.problems if arguments.strict or p.severity == ERROR]
    theirs = all(p.code in NOT_CONTENT or p.location.path == arguments.config.name for p in stopping)
    return 2 if theirs else 1


def _finish(done: Build, arguments: argparse.Namespace, seconds: float) -> None:
    code = exit_code(done, arguments)
    aside = sys.stdout if arguments.format == "text" else sys.stderr
    if arguments.format == "json":
        data = {"ok": done.ok, "exit": code, "papers": done.papers, "problems": [as_data(p) for p in done.problems]}
        print(json.dumps(data, indent=2))  # in ASCII, which is JSON in every encoding of the terminal
    elif done.problems:
        print(escaped(report(done.problems, arguments.format, shows_colour(sys.stdout)), sys.stdout) + "\n")
    if not arguments.quiet or not done.ok:
        errors = sum(p.severity == ERROR for p in done.problems)
        warnings = len(done.problems) - errors
        tally = ", ".join(counted(n, word) for n, word in ((errors, "error"), (warnings, "warning")) if n)
        if not done.ok:
            kept = "; the pages were written" if done.pages else "; nothing was written"
            if arguments.command == "check" or any(problem.code == "output-failed" for problem in done.problems):
                kept = ""
            if not has_errors(done.problems):
                tally += " (--strict)"
            print(f"{tally}{kept}", file=aside)
        elif arguments.command == "check":
            print(f"{counted(done.papers, 'paper')}, no errors" + (f", {tally}" if tally else ""), file=aside)
        else:
            print(closing_line(done, seconds) + (f", {tally}" if tally else ""), file=aside)


def options_of(arguments: argparse.Namespace) -> Options:
    """Return what a build is asked for on the command line; paths stay relative to the working folder."""
    serve = arguments.command == "serve"
    preview = arguments.config.parent / ".reading-room" / "preview"
    return Options(
        config=arguments.config,
        output=getattr(arguments, "output", None) or (preview if serve else arguments.config.parent / "_site"),
        base_url=arguments.base_url or "",
        default_base_url=arguments.default_base_url or "",
        strict=arguments.strict,
        drafts=not arguments.no_drafts if serve else arguments.drafts,
        search=not getattr(arguments, "no_search", False),
    )


def _in_utf8(again: bool) -> int:
    """Start this process again in Python's UTF-8 mode, which is chosen at the start only; say so where that is no use.

    Standard output keeps its encoding. `-X utf8=0` is stronger than the environment, and is not argued with.
    """
    if again and os.environ.get("PYTHONUTF8") != "1":
        os.environ["PYTHONUTF8"] = "1"
        os.environ.setdefault("PYTHONIOENCODING", sys.stdout.encoding)
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    names = f"names of files are {sys.getfilesystemencoding()} here, and those of a site are UTF-8"
    print(f"{names}: set  PYTHONUTF8=1  or start  python -X utf8", file=sys.stderr)
    return 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    tool = parser()
    # `build.py --strict` is `build.py build --strict`; help and version are the tool's own.
    if not words or (words[0].startswith("-") and words[0] not in ("-h", "--help", "--version")):
        words.insert(0, "build")
    arguments = tool.parse_args(words)
    if sys.getfilesystemencoding() != "utf-8":  # other bytes in the names of files would be other addresses
        return _in_utf8(again=argv is None)
    try:
        if arguments.command == "init":
            from site_gen.init import init

            return init(arguments.folder)
        if arguments.command == "serve":
            from site_gen.serve import serve

            return serve(options_of(arguments), arguments.host, arguments.port, arguments.quiet)
        start = time.monotonic()
        progress = Progress(arguments.quiet)
        try:
            options = options_of(arguments)
            done = check(options) if arguments.command == "check" else build(options, progress=progress)
        finally:
            progress.clear()
        try:
            _finish(done, arguments, time.monotonic() - start)
            sys.stdout.flush()
        except BrokenPipeError:  # `| head` has seen enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exit_code(done, arguments)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
