"""The command line: exit codes, what is printed where and in which form, and that content cannot steer who reads it."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from site_gen import __version__, search
from site_gen.cli import main
from tests import small_theme
from tests.accidents import tree
from tests.sites import Site, paper

REPOSITORY = Path(__file__).resolve().parent.parent
GOLDEN = Path(__file__).parent / "golden"
CLOSING = re.compile(
    r"(\d+) papers?, (\d+) pages \((\d+) files? written, (\d+) unchanged(?:, (\d+) deleted)?\) in \d+\.\d s"
)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def small(site: Callable[..., Site], monkeypatch: pytest.MonkeyPatch) -> Site:
    """A site of two papers in the working folder."""
    files = {f"content/papers/{name}.md": paper(name) for name in ("a", "b")}
    made = site({"site.yml": "title: A list\ntheme: small\n", **small_theme.files(), **files})
    monkeypatch.chdir(made.root)
    return made


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs the command line without search and returns its code, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main([*words, *(["--no-search"] if "check" not in words else [])])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return run


# --- What is run, and how it ends ---------------------------------------------------------------------------------------


@pytest.mark.smoke
def test_build_py_alone_builds(small: Site) -> None:
    small.write("site.yml", "title: A list\n")
    done = subprocess.run(
        [sys.executable, str(REPOSITORY / "build.py")], cwd=small.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done
    assert (small.output / "papers/a/index.html").is_file()
    assert (small.output / "pagefind/pagefind.js").is_file()
    assert CLOSING.fullmatch(done.stdout.strip()) and not done.stderr


def test_options_alone_build_too(small: Site, run: Run) -> None:
    assert run("--quiet") == (0, "", "")
    assert (small.output / "papers/a/index.html").is_file()


@pytest.mark.parametrize(
    "words", [["--version"], ["-h"], ["--help"], ["build", "--help"], ["check", "-h"]], ids=" ".join
)
def test_help_and_version_exit_0(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 0
    assert (__version__ if "--version" in words else "usage: reading-room") in capsys.readouterr().out


@pytest.mark.parametrize(
    "words",
    [
        ["bild"],
        ["build", "--unknown"],
        ["build", "--format", "xml"],
        ["build", "--base-url", "not an address"],
        ["build", "--base-url", "ftp://list.example/"],
        ["build", "--base-url", "https://list.example/?query"],
        ["build", "extra"],
        ["check", "--output", "x"],
        ["serve", "--port", "99999"],
        ["init"],
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_2_and_writes_nothing(
    words: list[str], small: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err
    assert not small.output.exists()


EXITS: dict[str, tuple[dict[str, str | None], list[str], int]] = {
    "all is well": ({}, [], 0),
    "a warning": ({"content/papers/a.md": paper(added=None)}, [], 0),
    "a warning with --strict": ({"content/papers/a.md": paper(added=None)}, ["--strict"], 1),
    "an error in a paper": ({"content/papers/a.md": paper(unknown=1)}, [], 1),
    "an address twice": ({"static/index.html": "mine"}, [], 1),
    "an error in site.yml": ({"site.yml": "titel: A list\n"}, [], 2),
    "no site.yml": ({"site.yml": None}, [], 2),
    "a site.yml that is no text": ({"site.yml": "title: A\0list\n"}, [], 2),
    "no such theme": ({"site.yml": "title: A list\ntheme: smal\n"}, [], 2),
    "an error in a template": ({"themes/small/templates/home.html.j2": "{{ page.x }}"}, [], 2),
    "an error in a paper and one in site.yml": (
        {"content/papers/a.md": paper(unknown=1), "site.yml": "title: A list\nunknown: 1\n"},
        [],
        1,
    ),
}


@pytest.mark.parametrize("what", EXITS)
@pytest.mark.parametrize("command", ["build", "check"])
def test_the_exit_code_says_whose_fault_it_is(what: str, command: str, small: Site, run: Run) -> None:
    files, words, expected = EXITS[what]
    for path, text in files.items():
        if text is None:
            small.remove(path)
        else:
            small.write(path, text)
    code, out, err = run(command, *words)
    assert (code, err) == (expected, "")
    assert out
    if command == "check" or expected:
        assert not small.output.exists()


def test_an_index_that_could_not_be_made_is_a_warning_which_strict_makes_count(
    small: Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(search, "_run", lambda *given: "Pagefind is not there")
    assert main(["build"]) == 0
    assert "[search-failed]" in capsys.readouterr().out
    assert main(["build", "--strict"]) == 1
    assert "; the pages were written" in capsys.readouterr().out


def test_a_check_says_how_many_papers_it_has_read(small: Site, run: Run) -> None:
    small.remove("content/papers/b.md")
    assert run("check") == (0, "1 paper, no errors\n", "")


def test_ctrl_c_exits_130(small: Site, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*given: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("site_gen.cli.check", interrupt)
    assert run("check") == (130, "", "interrupted\n")


# --- Where things are ---------------------------------------------------------------------------------------------------


def test_another_config_is_another_site(small: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run("build", "--config", "../site/site.yml", "--quiet")[0] == 0
    assert (small.output / "papers/a/index.html").is_file()
    assert run("build", "--config", "../site/site.yml", "--output", "here", "--quiet")[0] == 0
    assert {path.name for path in (tmp_path / "elsewhere").iterdir()} == {"here"}
    code, out, _ = run("build")
    assert code == 2 and "site.yml" in out and "--config" in out and "reading-room init" in out


@pytest.mark.parametrize("lines", ["title: A list\nunknown: 1\n", "title: A list\ntheme: smal\n", "tagline: A list\n"])
def test_settings_of_another_name_are_called_by_it_and_are_not_content(lines: str, small: Site, run: Run) -> None:
    small.write("my.yml", lines)
    code, out, _ = run("check", "--config", "my.yml")
    assert code == 2 and out.startswith("my.yml:") and "site.yml" not in out


@pytest.mark.parametrize(
    ("written", "words", "expected"),
    [
        ("", [], "/papers/a/"),
        ("", ["--default-base-url", "https://d.example/repo"], "https://d.example/repo/papers/a/"),
        ("https://s.example/", ["--default-base-url", "https://d.example/repo"], "https://s.example/papers/a/"),
        ("https://s.example/", ["--base-url", "HTTPS://B.example/x//y"], "https://b.example/x/y/papers/a/"),
        (
            "",
            ["--base-url", "https://b.example", "--default-base-url", "https://d.example"],
            "https://b.example/papers/a/",
        ),
    ],
)
def test_the_base_url_is_that_of_the_option_then_of_the_site_then_the_default(
    written: str, words: list[str], expected: str, small: Site, run: Run
) -> None:
    small.write("themes/small/templates/paper.html.j2", "{{ page.url | permalink }}")
    small.write("site.yml", "title: A list\ntheme: small\n" + (f"base_url: {written}\n" if written else ""))
    assert run("build", *words)[0] == 0
    assert small.text("papers/a/index.html") == expected


def test_drafts_are_left_out_unless_asked_for(small: Site, run: Run) -> None:
    small.write("content/papers/a.md", paper("a", draft=True))
    run("build")
    assert not (small.output / "papers/a").exists()
    run("build", "--drafts")
    assert (small.output / "papers/a").exists()
    run("build")
    assert not (small.output / "papers/a").exists()


# --- What is printed ----------------------------------------------------------------------------------------------------


def test_the_last_line_counts_what_was_done(small: Site, run: Run) -> None:
    def numbers(*words: str) -> list[int]:
        _, out, err = run(*words)
        found = CLOSING.fullmatch(out.strip().split("\n")[-1])
        assert found and not err, out
        return [int(number or 0) for number in found.groups()]

    papers, _, written, unchanged, deleted = numbers("build")
    assert (papers, unchanged, deleted) == (2, 0, 0)
    assert written == len(small.files())
    assert numbers("build")[2:] == [0, written, 0]
    small.remove("content/papers/b.md")
    papers, _, again, same, deleted = numbers("build")
    assert papers == 1 and again and again + same == written - deleted == len(small.files())
    assert deleted == 5  # the page, its three citations and its Markdown


def test_quiet_prints_problems_only(small: Site, run: Run) -> None:
    assert run("build", "--quiet") == (0, "", "")
    assert run("check", "--quiet") == (0, "", "")
    small.write("content/papers/a.md", paper(unknown=1))
    _, out, err = run("build", "--quiet")
    assert "[unknown-field]" in out and "1 error" in out and not err


def test_json_is_the_whole_of_standard_output(small: Site, run: Run) -> None:
    small.write("content/papers/a.md", paper("“Quoted” 漢字 \u202e", unknown=1, added=None))
    code, out, err = run("build", "--format", "json")
    data = json.loads(out)
    assert (data["ok"], data["exit"], code) == (False, 1, 1)
    assert {problem["code"] for problem in data["problems"]} >= {"unknown-field", "missing-added"}
    keys = {"severity", "code", "path", "line", "column", "message", "help", "source"}
    assert all(set(problem) == keys for problem in data["problems"])
    assert "nothing was written" in err
    small.write("content/papers/a.md", paper())
    code, out, err = run("build", "--format", "json")
    assert json.loads(out) == {"ok": True, "exit": 0, "papers": 2, "problems": []}
    assert CLOSING.fullmatch(err.strip())


def test_text_that_the_terminal_cannot_show_is_escaped(small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    small.write("content/papers/a.md", paper("漢字: title", ключ=1))
    printed = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", printed)
    assert main(["check"]) == 1
    printed.flush()
    assert b"\\u043a" in printed.buffer.getvalue()  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_json_is_json_in_any_encoding(encoding: str, small: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    small.write("content/papers/a.md", paper("Café 漢字 \U0001f600", **{"clé 漢字 \U0001f600": 1}))
    printed = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", printed)
    assert main(["check", "--format", "json"]) == 1
    printed.flush()
    (problem,) = json.loads(printed.buffer.getvalue())["problems"]  # type: ignore[attr-defined]
    assert "clé 漢字 \U0001f600" in problem["message"]


ASCII_ONLY = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are Unicode there")
@pytest.mark.parametrize("start", [["-m", "site_gen"], [str(REPOSITORY / "build.py")]], ids=["-m", "build.py"])
def test_names_of_files_are_utf8_in_any_locale(start: list[str], small: Site) -> None:
    small.write("content/papers/a.md", paper("漢字", tags=["日本"], added=None))
    small.write("static/ü.txt", "")
    environment = os.environ | ASCII_ONLY | {"PYTHONPATH": str(REPOSITORY)}
    words = [sys.executable, *start, "build", "--no-search", "--output", "ö"]
    done = subprocess.run(words, cwd=small.root, env=environment, capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.isascii() and b"[missing-added]" in done.stdout
    assert (small.root / "ö/ü.txt").is_file() and list((small.root / "ö/tags").glob("日本*"))


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="names of files are Unicode there")
def test_where_python_is_told_to_have_other_names_the_message_says_what_to_do(small: Site) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", str(REPOSITORY / "build.py")],
        cwd=small.root,
        env=os.environ | ASCII_ONLY,
        capture_output=True,
        text=True,
    )
    expected = (
        "names of files are ascii here, and those of a site are UTF-8: set  PYTHONUTF8=1  or start  python -X utf8\n"
    )
    assert (done.returncode, done.stdout, done.stderr) == (2, "", expected)


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_are_for_terminals_whose_owner_wants_them(
    environment: dict[str, str], coloured: bool, small: Site
) -> None:
    small.write("content/papers/a.md", paper(unknown=1))
    shown, _ = on_a_terminal(small, ["check"], environment)
    assert "[unknown-field]" in shown.replace("\x1b[0m", "")
    assert ("\x1b[" in shown) == coloured


def test_without_a_terminal_there_are_no_colours(small: Site, run: Run) -> None:
    small.write("content/papers/a.md", paper(unknown=1))
    assert "\x1b" not in "".join(map(str, run("check")))


PROGRAM = """\
import sys, time
sys.path.insert(0, {repository!r})
from itertools import count
from site_gen import cli
cli.time.monotonic = map(lambda n: n * {step}, count()).__next__
sys.exit(cli.main(sys.argv[1:]))
"""


def on_a_terminal(small: Site, words: list[str], environment: dict[str, str], step: float = 0) -> tuple[str, int]:
    """Run the command line with a terminal for output and errors, and a clock that goes `step` seconds at each look."""
    import pty  # POSIX only

    ours, theirs = pty.openpty()
    kept = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    program = PROGRAM.format(repository=str(REPOSITORY), step=step)
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=small.root,
        env={**kept, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown = b"".join(read_all(ours))
    return shown.decode(), process.wait()


def read_all(handle: int) -> Iterator[bytes]:
    with open(handle, "rb", buffering=0) as file:
        while True:
            try:
                part = file.read(4096)
            except OSError:  # how Linux says that the other end is closed
                return
            if not part:
                return
            yield part


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is needed")
def test_progress_is_shown_on_a_terminal_once_a_second_has_passed(small: Site) -> None:
    shown, code = on_a_terminal(small, ["build", "--no-search"], {}, step=2)
    assert code == 0 and "rendering pages" in shown
    assert shown.rstrip().split("\x1b[K")[-1].strip().startswith("2 papers, ")  # wiped before the last line
    quick, _ = on_a_terminal(small, ["build", "--no-search"], {}, step=0.0001)
    assert "rendering" not in quick and "\x1b" not in quick
    quiet, _ = on_a_terminal(small, ["build", "--no-search", "--quiet"], {}, step=2)
    assert quiet == ""


def test_progress_is_not_shown_to_a_pipe(small: Site) -> None:
    program = PROGRAM.format(repository=str(REPOSITORY), step=2)
    command = [sys.executable, "-c", program, "build", "--no-search"]
    done = subprocess.run(command, cwd=small.root, capture_output=True, text=True)
    assert CLOSING.fullmatch(done.stdout.strip()) and done.stderr == ""


def test_a_reader_that_has_seen_enough_is_no_error(small: Site) -> None:
    for number in range(200):
        small.write(f"content/papers/p{number}.md", paper(unknown=1))
    command = [sys.executable, str(REPOSITORY / "build.py"), "check"]
    with subprocess.Popen(command, cwd=small.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1, "errors stay errors"


# --- What GitHub reads --------------------------------------------------------------------------------------------------


def commands(text: str) -> list[str]:
    """Return the workflow commands that GitHub's runner finds in a log, as its `ActionCommand.cs` looks for them.

    A command of the present form starts a line, after spaces; one of the old form, `##[name]`, stands anywhere. Between
    `::stop-commands::TOKEN` and `::TOKEN::` no other command is one.
    """
    found, stopped = [], ""
    for line in text.split("\n"):
        new = re.match(r"\s*::(\S+?)( [^:]*)?::(.*)", line)
        old = re.search(r"##\[(\S+?)( [^\]]*)?\](.*)", line)
        match = new or old
        if stopped:
            if match and match[1] == stopped:
                stopped = ""
        elif match and match[1] == "stop-commands":
            stopped = match[3]
        elif match:
            found.append(match[1])
    return found


def hostile_files() -> dict[str, str]:
    return {
        "content/papers/a.md": "---\n::error::injected\n---\n",
        "content/papers/b.md": paper(
            "a\n::error file=x::injected", "##[error]injected", tags=["::error::injected"], unknown=1
        ),
        "content/papers/c.md": "---\ntitle: x\nadded: 2024-01-01\nvenue: a ##[error]injected\n##[add-mask]e: 1\n---\n",
        "content/papers/d\n::error::injected.md": paper(),
        "content/papers/e\r::error::injected.md": paper(),
        "content/papers/f\n  ##[warning]injected.md": paper(),
        "content/papers/::error::injected.md": paper(),
        "content/tags.yml": "x:\n",
    }


def test_the_runner_is_imitated_well_enough() -> None:
    assert commands("::error::x\n  ::warning file=a,line=1::y\na ::error::z\nb ##[error]w") == [
        "error",
        "warning",
        "error",
    ]
    assert commands("::stop-commands::T0\n::error::x\n##[error]y\n::T0::\n::debug::z") == ["debug"]


@pytest.mark.skipif(sys.platform == "win32", reason="such file names do not exist there")
def test_content_cannot_give_github_commands(small: Site, run: Run) -> None:
    for path, text in hostile_files().items():
        small.write(path, text)
    code, out, err = run("check", "--format", "github")
    problems = json.loads(run("check", "--format", "json")[1])["problems"]
    assert code == 1
    assert commands(out) == [problem["severity"] for problem in sorted(problems, key=lambda one: one["severity"])]
    assert commands(err) == []


def test_github_gets_a_command_for_each_problem_and_people_the_text(small: Site, run: Run) -> None:
    small.write("content/papers/a.md", paper("100%: a, b", unknown=1))
    _, out, err = run("check", "--format", "github")
    assert "content/papers/a.md:4:1: error: " in out
    assert commands(out) == ["error"]
    assert "1 error" in err
    annotated = next(line for line in out.split("\n") if line.startswith("::error"))
    assert annotated.startswith("::error file=content/papers/a.md,line=4,col=1,title=unknown-field::")
    assert "%0Ahelp: " in annotated


# --- One report with all problems ---------------------------------------------------------------------------------------

NEW = """\
---
title: BERT: Pre-training of Deep Bidirectional Transformers
authors: [Jacob Devlin]
date: 2018-10-11
added: 2025-01-15
venue: The Journal of Lists #3
tags: [alignmnt]
---
A note.
"""
NEIGHBOUR = """\
---
title: A neighbour
autors: [Ada Lovelace]
date: 2023-02-30
added: 2025-01-15
tags: [retrieval]
---
A note.
"""


def test_a_bad_file_beside_a_bad_neighbour_is_one_report_and_the_site_stays(
    small: Site, run: Run, refresh: bool
) -> None:
    small.write("content/tags.yml", "alignment: {description: What models should do.}\nretrieval:\n")
    assert run("build")[0] == 0
    before = {path: ((small.output / path).stat().st_mtime_ns, data) for path, data in tree(small.output).items()}
    small.write("content/papers/bert.md", NEW)
    small.write("content/papers/neighbour.md", NEIGHBOUR)
    code, out, err = run("build")
    assert (code, err) == (1, "")
    golden = GOLDEN / "report.txt"
    if refresh:
        golden.write_text(out, "utf-8")
    assert out == golden.read_text("utf-8")
    for code_of_problem in ("unquoted-colon", "cut-by-comment", "unknown-tag", "unknown-field", "bad-date"):
        assert f"[{code_of_problem}]" in out
    after = {path: ((small.output / path).stat().st_mtime_ns, data) for path, data in tree(small.output).items()}
    assert after == before


def test_what_the_help_says_to_paste_mends_the_papers(small: Site, run: Run) -> None:
    small.write("content/tags.yml", "alignment:\nretrieval:\n")
    small.write("content/papers/bert.md", NEW)
    small.write("content/papers/neighbour.md", NEIGHBOUR)
    for problem in json.loads(run("check", "--format", "json")[1])["problems"]:
        pasted = problem["help"].split("\n")[0].split("  ")[1]
        lines = (small.root / problem["path"]).read_text().split("\n")
        line = lines[problem["line"] - 1]
        if problem["code"] in ("unquoted-colon", "cut-by-comment"):
            line = pasted
        elif problem["code"] == "unknown-field":
            line = line.replace("autors:", pasted)
        elif problem["code"] == "bad-date":
            line = f"date: {pasted}"
        else:
            line = line.replace("alignmnt", pasted)
        lines[problem["line"] - 1] = line
        small.write(problem["path"], "\n".join(lines))
    code, out, err = run("build")
    assert (code, err) == (0, ""), out
