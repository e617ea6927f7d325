"""Is this a program for any list, or for the one that lies beside it?

The suite runs again in a copy of the repository whose `content/` is a list of one paper. Left out are the tests of the
real list, those that need a browser, and those that build the same small sites again and again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.sites import paper

ROOT = Path(__file__).parent.parent
REPEATING = ("test_output.py", "test_incremental.py", "test_determinism.py", "test_serve.py", "test_threats.py")
LEFT_OUT = shutil.ignore_patterns(".*", "_site", "node_modules", "__pycache__", "real_list", "test_one_paper.py")
SLOW = "killed or any_step or pagefind or the_wheel"


def test_the_suite_passes_with_a_list_of_one_paper(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    for kept in (".github", ".ci", ".gitignore", ".gitattributes"):
        if (ROOT / kept).is_dir():
            shutil.copytree(ROOT / kept, copy / kept, ignore=shutil.ignore_patterns("node_modules"))
        elif (ROOT / kept).is_file():
            shutil.copy(ROOT / kept, copy / kept)
    shutil.rmtree(copy / "content")
    (copy / "content" / "papers").mkdir(parents=True)
    (copy / "content" / "papers" / "only.md").write_text(paper("The only one"), "utf-8")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "not browser",
        "-k",
        f"not ({SLOW})",
        "-p",
        "no:cacheprovider",
    ]
    command += [f"--ignore=tests/{name}" for name in REPEATING]
    environment = os.environ | {"READING_ROOM_FEW_EXAMPLES": "yes"}
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert " passed" in done.stdout and " skipped" not in done.stdout
