"""Start somebody's own list: a settings file, one example paper, a vocabulary, a page, and workflows.

A list is only its content, `site.yml`, its own theme if any, and workflows that pin the version of the tool, so that
upgrading is one changed line. Nothing that exists is overwritten.
"""

from __future__ import annotations

import secrets
import shlex
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from site_gen import __version__
from site_gen.problems import escaped, printable
from site_gen.themes import PACKAGE

STARTER = PACKAGE / "starter"
RENAMED = {"gitignore": ".gitignore", "github": ".github"}  # hidden files are easily lost from a package


def files(title: str, today: date, mark: str) -> dict[str, str]:
    """Return the text of each file of a new list by its path; `mark` makes the feed's id unlike any other."""
    values = {
        "{today}": today.isoformat(),
        "{id}": f"tag:reading-list-{mark}.invalid,{today.isoformat()}:list",
        "{version}": __version__,
        "{title}": title.replace("\\", "\\\\").replace('"', '\\"'),  # last, as it is anybody's text
    }
    made = {}
    for path in sorted(STARTER.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            parts = path.relative_to(STARTER).parts
            text = path.read_text(encoding="utf-8")
            for name, value in values.items():
                text = text.replace(name, value)
            made["/".join(RENAMED.get(part, part) for part in parts)] = text
    return made


def init(folder: Path) -> int:
    """Write a new list into `folder`, which must not exist or be empty; print what to do next; return the exit code."""
    try:
        if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or any(folder.iterdir()))):
            print(f"{printable(str(folder))} is not an empty folder; nothing was written", file=sys.stderr)
            return 2
        name = "".join(c if c.isprintable() else " " for c in folder.resolve().name)
        title = name.replace("-", " ").replace("_", " ").strip().capitalize() or "Reading list"
        for path, text in files(title, datetime.now(UTC).date(), secrets.token_hex(4)).items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            with open(target, "x", encoding="utf-8", newline="\n") as file:
                file.write(text)
    except OSError as error:
        print(f"{printable(str(error.filename))} could not be written: {error.strerror}", file=sys.stderr)
        return 2
    place = escaped(printable(str(folder)), sys.stdout)
    print(f"A new list is in {place}. Next:\n")
    print(f"  cd {shlex.quote(place)}\n  reading-room serve      # look at it, and edit while it runs")
    print("\nThen edit site.yml and copy the example in content/papers/. To publish it, push the folder to GitHub and")
    print('choose Settings > Pages > Source: "GitHub Actions".')
    return 0
