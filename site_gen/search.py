"""The search index: Pagefind, run over the paper pages, into a fresh folder that is then exchanged for the old one.

Pagefind reads a configuration from its working folder and the environment, and adds to its output folder without
cleaning it; so it runs in an empty folder, with an empty environment and absolute paths, into a new folder. The index
is kept while the indexed pages' bytes, Pagefind's version and the options are the same. Whatever goes wrong is a
warning: the pages are there.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from site_gen.fingerprint import fingerprint
from site_gen.output import Manifest, Record, save
from site_gen.problems import Location, Problem

FOLDER = "pagefind"
FRESH = ".reading-room-pagefind"
GLOB = "papers/*/index.html"
OPTIONS = ("--quiet",)
SECONDS = 60.0  # and a hundredth of a second a page: some ten times of what it takes


def key_of(files: Mapping[str, Record], version: str) -> str:
    """Return the digest of all that the index is made of: the indexed pages' bytes, the version, the options."""
    pages = tuple((path, files[path].digest) for path in sorted(files) if is_indexed(path))
    return fingerprint((pages, version, GLOB, OPTIONS))


def is_indexed(path: str) -> bool:
    """Tell whether an output path is one that `GLOB` means."""
    parts = path.split("/")
    return len(parts) == 3 and parts[0] == "papers" and parts[2] == "index.html"


def version() -> str:
    """Return the version of the installed Pagefind, "" when there is none."""
    from importlib import metadata

    try:
        return metadata.version("pagefind-bin")
    except metadata.PackageNotFoundError:
        return ""


def update(folder: Path, manifest: Manifest, lock: int | None = None) -> tuple[Manifest, list[Problem]]:
    """Bring the index in `folder` up to date; return the manifest that lists its files, saved where it changed.

    Pagefind holds `lock`, the handle of `output.locked`, too: when this process is killed, the folder stays locked
    until Pagefind has ended.
    """
    try:
        return _update(folder, manifest, lock)
    except OSError as error:
        with suppress(OSError):
            _remove(folder / FRESH)
        message = f"the search index could not be written: {error.strerror or error}"
        return manifest, [_failed(folder, message)]


def _failed(folder: Path, message: str, hint: str = "") -> Problem:
    hint = hint or "the pages are built; the search page will say that it has no index, or use the old one"
    return Problem("search-failed", Location(f"{folder.name}/{FOLDER}"), message, hint)


def _update(folder: Path, manifest: Manifest, lock: int | None) -> tuple[Manifest, list[Problem]]:
    key = key_of(manifest.files, version())
    listed = manifest.search.get("files", {})
    if manifest.search.get("key") == key and listed and all(_size(folder / path) == listed[path] for path in listed):
        _remove(folder / FRESH)  # of a build that was killed at its very end
        return manifest, []
    # Said before anything is exchanged: a build killed in between still knows that the folder is ours.
    manifest = save(folder, replace(manifest, search={"key": "", "files": listed}))
    foreign = _foreign(folder / FOLDER, folder, listed)
    if (foreign and not listed) or not all(_is_folder(folder / name) for name in (FOLDER, FRESH)):
        message = f"{FOLDER} in the output folder was not written by Reading Room, so there is no search index"
        return manifest, [_failed(folder, message, "move it away, and build again")]
    _remove(folder / FRESH)
    error = _run(folder, sum(is_indexed(path) for path in manifest.files), lock)
    if error:
        _remove(folder / FRESH)
        return manifest, [_failed(folder, error)]
    files = {f"{FOLDER}/{path}": _size(folder / FRESH / path) for path in _files(folder / FRESH)}
    # What somebody put beside the index stays beside it; a copy, as this one can still be thrown away.
    for path in foreign:
        target = folder / FRESH / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            shutil.copy2(folder / FOLDER / path, target, follow_symlinks=False)
    manifest = save(folder, replace(manifest, search={"key": "", "files": {**listed, **files}}))
    exchange(folder / FRESH, folder / FOLDER)
    manifest = save(folder, replace(manifest, search={"key": key, "files": files}))
    _remove(folder / FRESH)
    return manifest, []


def remove(folder: Path, manifest: Manifest) -> Manifest:
    """Take the index away, as far as it is ours: a site without papers, or built without search, has none."""
    listed = manifest.search.get("files", {})
    for path in listed:
        with suppress(OSError):
            os.unlink(folder / path)
    for parent in sorted({str((folder / path).parent) for path in listed}, key=len, reverse=True):
        with suppress(OSError):
            os.rmdir(parent)
    return save(folder, replace(manifest, search={})) if manifest.search else manifest


def _run(folder: Path, pages: int, lock: int | None) -> str:
    """Run Pagefind into the fresh folder; return "" or what went wrong."""
    try:
        from pagefind_bin import get_executable

        program = str(get_executable())
    except ImportError:
        return "Pagefind is not installed, so there is no search index"
    except Exception as error:  # the wheel of another platform, a missing binary
        return f"Pagefind cannot be found, so there is no search index: {error}"
    seconds = SECONDS + pages / 100
    site = str(folder.resolve())
    command = [program, "--site", site, "--output-path", f"{site}/{FRESH}", "--glob", GLOB, *OPTIONS]
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP", "PATH") if name in os.environ}
    try:
        with tempfile.TemporaryDirectory(prefix="reading-room-") as empty:
            done = subprocess.run(
                command,
                cwd=empty,
                env=kept,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                pass_fds=() if lock is None else (lock,),
                check=False,
            )
    except subprocess.TimeoutExpired:
        return f"Pagefind did not finish within {seconds:.0f} seconds, so the search index is not up to date"
    except OSError as error:
        return f"Pagefind could not be started, so there is no search index: {error.strerror}"
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().split("\n")[-1]
        return f"Pagefind ended with status {done.returncode}: {said}"
    if not (folder / FRESH / "pagefind.js").is_file():
        return "Pagefind ended without writing an index"
    return ""


def _files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() or path.is_symlink()
    )


def _size(path: Path) -> int:
    """Return the size of a plain file, -1 of anything else. Enough to notice a damaged index: its bytes are Pagefind's."""
    try:
        found = path.lstat()
    except OSError:
        return -1
    return found.st_size if stat.S_ISREG(found.st_mode) else -1


def _is_folder(path: Path) -> bool:
    """Tell whether a path is free or a folder, not a link or file that somebody else has put there."""
    return not path.is_symlink() and (path.is_dir() or not path.exists())


def _foreign(index: Path, folder: Path, listed: Mapping[str, int]) -> list[str]:
    if not index.is_dir():
        return []
    return [path for path in _files(index) if f"{FOLDER}/{path}" not in listed]


def _remove(fresh: Path) -> None:
    """Remove the staging folder of an index: all in it was written by Pagefind, or is a copy, or was the old index."""
    if fresh.is_dir() and not fresh.is_symlink():
        shutil.rmtree(fresh)


def exchange(fresh: Path, place: Path) -> None:
    """Put `fresh` where `place` is and the other way round, in one step where the system can (Linux, renameat2(2)).

    Elsewhere by two renames, between which there is no index for a moment. Without a `place`, a plain rename.
    """
    if not place.exists():
        os.rename(fresh, place)
        return
    if sys.platform == "linux":
        with suppress(AttributeError, OSError):
            libc = ctypes.CDLL(None, use_errno=True)
            here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
            if libc.renameat2(here, os.fsencode(fresh), here, os.fsencode(place), swap) == 0:
                return
    old = fresh.with_name(fresh.name + "-old")
    os.rename(place, old)
    os.rename(fresh, place)
    os.rename(old, fresh)
