"""Compare the plan with the output folder, then make the folder match it, touching nothing that is not ours.

The comparison is pure: `diff` gets fingerprints, the manifest and the state of the disk as data. The rest is the rim.
At every moment each file is old or new: all bytes are first written into a staging folder, and nothing moves into
place before all of them are there. The manifest is saved twice, so that a build killed in between still knows its files:

    {"format": 1, "stamp": 1700000000000000000,        format, and when this was saved by the file system's clock
     "inputs": "9f3c…",                                digest of all that the plan is made of
     "files": {"papers/x/index.html":                  every file that is ours
         ["fp…", "digest…", 1234, 17…, 17…, 42]},      fingerprint of what went in; digest, size, times, inode of what
                                                       came out; ["", "", 0, 0, 0, 0] is ours but not vouched for
     "report": {"papers": 46, "pages": 311,            what a build without changes has to say again; a warning is
         "warnings": [["missing-added", …]]},          its code, path, line, column, excerpt, message and help
     "search": {"key": "…", "files": {"…": 123}}}      the search index with its files' sizes, see `search`

The manifest is `.reading-room.json` in the output folder, and the proof that the folder may be written to. A file's
status (size, times, inode) stands for its bytes under git's rule for racy entries (git's
Documentation/technical/racy-git.txt): a file that was touched within a few ticks of the clock before the manifest was
saved is hashed again, because a later change could carry the same time. All that may go wrong with somebody else's
files is in this one module, which makes it long.
"""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

from site_gen.fingerprint import SIZE
from site_gen.problems import CODES, WARNING, Location, Problem

MANIFEST = ".reading-room.json"
STAGE = ".reading-room-stage"
FORMAT = 1


class Record(NamedTuple):
    """What the manifest knows of one file; an empty digest means ours, but with bytes nobody vouches for."""

    fingerprint: str = ""
    digest: str = ""
    size: int = 0
    modified: int = 0
    changed: int = 0
    inode: int = 0


@dataclass(frozen=True)
class Manifest:
    """The record of the last build; paths are relative to the output folder, with slashes."""

    inputs: str = ""
    files: Mapping[str, Record] = field(default_factory=dict)
    report: Mapping[str, Any] = field(default_factory=dict)
    search: Mapping[str, Any] = field(default_factory=dict)
    stamp: int = 0


@dataclass(frozen=True)
class Diff:
    """What has to happen: paths to write and delete, each sorted; `foreign` are files of somebody else in the way."""

    write: tuple[str, ...]
    delete: tuple[str, ...]
    keep: tuple[str, ...]
    foreign: tuple[str, ...]


def diff(wanted: Mapping[str, str], manifest: Manifest, disk: Mapping[str, str]) -> Diff:
    """Compare fingerprints of wanted files with the manifest and the disk, all by path.

    `disk` has the digest of every existing file that is wanted or listed. A listed file with other bytes is written
    again; a wanted one that exists and is not listed, or is no plain file, is foreign; a listed one that is not wanted
    is deleted. A folder where a file is wanted is not foreign when files are deleted from it: see `check_ways`.
    """
    write, keep, foreign = [], [], []
    delete = sorted(path for path in manifest.files if path not in wanted)
    emptied = _parents(delete)
    for path in sorted(wanted):
        record = manifest.files.get(path)
        if path in disk and (record is None or not disk[path]) and not (disk[path] == "" and path in emptied):
            foreign.append(path)
        elif record and record.digest and record.fingerprint == wanted[path] and disk.get(path) == record.digest:
            keep.append(path)
        else:
            write.append(path)
    return Diff(tuple(write), tuple(delete), tuple(keep), tuple(foreign))


def _parents(paths: Iterable[str]) -> set[str]:
    return {"/".join(path.split("/")[:depth]) for path in paths for depth in range(1, path.count("/") + 1)}


def unchanged(manifest: Manifest, disk: Mapping[str, str]) -> bool:
    """Tell whether every listed file is there with the bytes that the manifest records."""
    return all(record.digest and disk.get(path) == record.digest for path, record in manifest.files.items())


class OutputError(Exception):
    """The output folder cannot be used or written; carries the problem to report."""

    def __init__(self, problem: Problem):
        super().__init__(problem.message)
        self.problem = problem


def _refuse(folder: Path, message: str, hint: str = "") -> OutputError:
    return OutputError(Problem("not-ours", Location(str(folder)), message, hint))


def check_folder(folder: Path, root: Path) -> None:
    """Raise an OutputError for a folder that a build must not own: the site itself, a parent of it, home, a link."""
    hint = "choose another one with  --output DIR"
    if folder.is_symlink():
        raise _refuse(folder, "the output folder is a symbolic link, which is not followed", hint)
    place, site = folder.resolve(), root.resolve()
    if place == Path(place.anchor) or place == Path.home().resolve():
        raise _refuse(folder, "this folder can hold more than a site", hint)
    if place == site or place in site.parents:
        raise _refuse(folder, "the output folder is, or holds, the folder of the list itself", hint)
    for name in ("content", "themes", "static", "site_gen", "tests", "docs", ".git", ".github"):
        if (site / name) == place or (site / name) in place.parents:
            raise _refuse(folder, f"the output folder is inside {name}/ of the list", hint)
    if folder.exists() and not folder.is_dir():
        raise _refuse(folder, "this is a file, where the output folder should be", hint)


def _leads_out(paths: Iterable[str]) -> bool:
    """Tell whether one of the paths could lead out of a folder; a ValueError for one that no file system has."""
    text = "\n".join(["", *paths, ""])  # looked through as a whole: there are tens of thousands
    text.encode()
    return any(part in text for part in ("\n\n", "\n/", "\\", "\0", "/../", "\n../", "/..\n", "\n..\n"))


def load(folder: Path) -> Manifest:
    """Return the manifest of a folder, an empty one for a new or empty folder; an OutputError if it is not ours.

    Without a report that this version can give again, the inputs are not known: there is then a build to do.
    """
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        if data["format"] != FORMAT:
            raise ValueError(f"format {data['format']}")
        files = {path: Record(*values) for path, values in data["files"].items()}
        search, stamp, report = data.get("search") or {}, data["stamp"], data["report"]
        forms = {tuple(map(type, record)) for record in files.values()} | {_RECORD}
        if len(forms) > 1 or type(stamp) is not int or type(search.get("files", {})) is not dict:
            raise ValueError("a value of another form")
        if _leads_out((*files, *search.get("files", ()))):
            raise ValueError("a path that leads out of the folder")
        if not _can_be_given(report):
            return Manifest("", files, {}, search, stamp)
        return Manifest(str(data["inputs"]), files, report, search, stamp)
    except FileNotFoundError:
        # A first build that was killed before it had a record leaves no more than what it prepared.
        if folder.is_dir() and any(path.name not in (STAGE, MANIFEST + ".new") for path in folder.iterdir()):
            hint = (
                f"if everything in it may go, remove it first:  {folder}\nor choose another folder with  --output DIR"
            )
            raise _refuse(folder, "this folder is not empty and was not made by Reading Room", hint) from None
        return Manifest()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        hint = f"remove the folder and build again:  {folder}"
        raise _refuse(folder, f"the record of the last build, {MANIFEST}, cannot be read ({error})", hint) from None


_RECORD = (str, str, int, int, int, int)
_KEPT = (str, str, int, int, str, str, str)


def _can_be_given(report: Any) -> bool:
    """Tell whether a report has its form, and warnings that this version knows."""
    try:
        counts = type(report["papers"]), type(report["pages"])
        kept = [tuple(map(type, one)) == _KEPT and CODES[one[0]][0] == WARNING for one in report["warnings"]]
    except (TypeError, KeyError):
        return False
    return counts == (int, int) and all(kept)


@contextmanager
def locked(folder: Path) -> Iterator[int | None]:
    """Hold the output folder for one build; an OutputError when another build holds it.

    The lock is taken on a file in the system's folder for temporary files, so that a folder that does not exist yet
    can be locked, and a failed build leaves nothing behind in it. It ends with the process and all that have got the
    handle, however they end. Yields the handle, None on Windows, which has no such lock.
    """
    try:
        import fcntl
    except ImportError:
        yield None
        return
    owner = os.getuid()
    name = blake2b(str(folder.resolve()).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()
    path = Path(tempfile.gettempdir()) / f"reading-room-{owner}-{name}.lock"
    while True:
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _refuse(folder, f"the lock {path} cannot be opened: {error.strerror}", "remove that file") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            hint = "wait until it has finished, or choose another folder with  --output DIR"
            raise _refuse(folder, "another build is writing to this folder", hint) from None
        with suppress(OSError):
            if os.path.samestat(os.fstat(handle), os.lstat(path)):
                break
        os.close(handle)  # the build that held it has taken the file away in between
    try:
        try:
            yield handle
        finally:
            with suppress(OSError):
                os.unlink(path)
    finally:
        os.close(handle)


def hash_file(path: Path) -> str:
    """Return the digest of a file's bytes, in the form of `fingerprint.digest`."""
    made = blake2b(digest_size=SIZE)
    with open(path, "rb", buffering=0) as file:
        while part := file.read(1 << 20):
            made.update(part)
    return made.hexdigest()


def scan(folder: Path, paths: Iterable[str], manifest: Manifest) -> tuple[dict[str, str], dict[str, Record]]:
    """Return the digest of each existing file of `paths`, and new records of files that had to be hashed and are as listed.

    They had to be hashed because they are racy, or because their status alone is another, as in a copy of the folder.
    What is there but is no plain file has the digest "", which no file has.
    """
    disk: dict[str, str] = {}
    fresh: dict[str, Record] = {}
    prefix = f"{folder}/"
    edge = manifest.stamp - racy(manifest.stamp)
    for path in paths:
        try:
            found = os.lstat(prefix + path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        if not stat.S_ISREG(found.st_mode):
            disk[path] = ""
            continue
        record = manifest.files.get(path)
        if record is None:
            disk[path] = "?"  # in the way; whose bytes they are does not matter
        elif record[2:] == _status(found) and record.modified < edge and record.changed < edge:
            disk[path] = record.digest
        else:
            disk[path] = hash_file(folder / path)
            if disk[path] == record.digest:
                fresh[path] = Record(record.fingerprint, record.digest, *_status(found))
    return disk, fresh


def racy(stamp: int) -> int:
    """Return for how many nanoseconds before `stamp` two changes of a file could carry the same time.

    A clock that shows parts of a second ticks every hundredth or faster; one that does not, every two seconds (FAT).
    """
    return 100_000_000 if stamp % 1_000_000_000 else 2_000_000_000


def _status(found: os.stat_result) -> tuple[int, int, int, int]:
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def clear_stage(folder: Path) -> None:
    """Remove what a build prepared in `folder`: its files have numbers for names; anything else stays."""
    stage = folder / STAGE
    with suppress(FileNotFoundError):
        os.unlink(folder / f"{MANIFEST}.new")
    if stage.is_symlink() or not stage.is_dir():
        return
    for entry in os.scandir(stage):
        if entry.name.isdigit() and entry.is_file(follow_symlinks=False):
            os.unlink(entry.path)
    with suppress(OSError):
        stage.rmdir()


class Stage:
    """The staging folder of one build: holds new files until all are there. Used as a context; always cleans up."""

    def __init__(self, folder: Path):
        self.folder, self.path = folder, folder / STAGE
        self._made_folder = False

    def __enter__(self) -> Stage:
        self._made_folder = not self.folder.exists()
        self.folder.mkdir(parents=True, exist_ok=True)
        clear_stage(self.folder)
        self.path.mkdir()
        return self

    def __exit__(self, *error: object) -> None:
        clear_stage(self.folder)
        if self._made_folder:
            with suppress(OSError):
                self.folder.rmdir()  # only when nothing came of the build

    def add(self, number: int, parts: Iterable[bytes]) -> str:
        """Keep the new bytes of the file that stands at `number` in `Diff.write`; return their digest."""
        made = blake2b(digest_size=SIZE)
        with open(f"{self.path}/{number}", "xb", buffering=0) as file:
            for data in gathered(parts):
                made.update(data)
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
        return made.hexdigest()

    def commit(
        self, change: Diff, wanted: Mapping[str, str], digests: Sequence[str], manifest: Manifest, new: Manifest
    ) -> Manifest:
        """Move all files into place, delete what is not wanted any more, and save the manifest; return it.

        `wanted` has the fingerprints by path, `digests` those of the new bytes in the order of `change.write`;
        `manifest` is that of the last build, `new` holds what else is to be saved.
        """
        files = {path: manifest.files[path] for path in change.keep}
        unsure = {path: Record() for path in (*change.write, *change.delete)}
        save(self.folder, Manifest("", files | unsure, {}, manifest.search))
        made: set[str] = set()
        for path in _in_the_way_first(change):
            _delete(self.folder, path)
        for number, path in enumerate(change.write):
            target, parent = f"{self.folder}/{path}", path.rpartition("/")[0]
            if parent not in made:
                _make_folder(self.folder, parent)
                made.add(parent)
            os.replace(f"{self.path}/{number}", target)
            files[path] = Record(wanted[path], digests[number], *_status(os.lstat(target)))
        for path in change.delete:
            _delete(self.folder, path)
        self._made_folder = False
        return save(self.folder, replace(new, files=files))


def gathered(parts: Iterable[bytes], size: int = 1 << 16) -> Iterator[bytes]:
    """Join parts into pieces of at least `size` bytes, but for the last."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def _make_folder(folder: Path, parent: str) -> None:
    """Make the folders down to `parent`, which is relative to `folder`; a link or a file on the way is an error."""
    depth = parent.find("/")
    while parent:
        part = parent[:depth] if depth > 0 else parent
        place = f"{folder}/{part}"
        try:
            os.mkdir(place)
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(place).st_mode):
                raise _in_the_way(folder, part) from None
        if depth < 0:
            break
        depth = parent.find("/", depth + 1)


def _in_the_way(folder: Path, path: str) -> OutputError:
    message = (
        f"{path} in the output folder was not written by Reading Room and is where the site needs a file or folder"
    )
    return OutputError(Problem("foreign-file", Location(f"{folder.name}/{path}"), message, "move it away"))


def _in_the_way_first(change: Diff) -> list[str]:
    """Return what goes before anything is written: files that become folders, and what is in folders that become files."""
    if not change.delete:
        return []
    written, parents = set(change.write), _parents(change.write)
    return [path for path in change.delete if path in parents or not written.isdisjoint(_parents((path,)))]


def check_ways(folder: Path, change: Diff) -> list[Problem]:
    """Return a problem for what stands in the way: a link or file where a folder is needed, or the other way round.

    What is deleted anyway is not in the way: a file may become a folder, and a folder that holds only such files a file.
    """
    problems = []
    going = set(change.delete)
    for parent in sorted(_parents(change.write)):
        try:
            found = os.lstat(folder / parent)
        except OSError:
            continue
        if not stat.S_ISDIR(found.st_mode) and not (stat.S_ISREG(found.st_mode) and parent in going):
            problems.append(_in_the_way(folder, parent).problem)
    for path in sorted(_parents(change.delete).intersection(change.write)):
        place = folder / path
        if place.is_symlink() or (place.is_dir() and _stays(folder, path, going)):
            problems.append(_in_the_way(folder, path).problem)
    return problems


def _stays(folder: Path, path: str, going: set[str]) -> bool:
    """Tell whether anything is left of the folder at `path` when the files `going` are gone.

    An empty folder is somebody's, unless one of these files belongs there: a build that is killed leaves such a one.
    """
    ours = _parents(going)
    for place, folders, files in os.walk(folder / path):
        if not (folders or files) and Path(place).relative_to(folder).as_posix() not in ours:
            return True
        if any((Path(place) / name).is_symlink() for name in folders):
            return True
        if any((Path(place) / name).relative_to(folder).as_posix() not in going for name in files):
            return True
    return False


def _delete(folder: Path, path: str) -> None:
    """Delete one file of ours and the folders above it that are empty then; not through a link to a folder."""
    for parent in (folder / path).parents:
        if parent == folder:
            break
        if parent.is_symlink():
            return
    if (folder / path).is_dir() and not (folder / path).is_symlink():
        return  # somebody has put a folder in its place
    with suppress(FileNotFoundError, NotADirectoryError):
        os.unlink(folder / path)
    for parent in (folder / path).parents:
        if parent == folder:
            break
        try:
            parent.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            break


def save(folder: Path, manifest: Manifest) -> Manifest:
    """Write the manifest in one step and return it with its stamp."""
    temporary = folder / f"{MANIFEST}.new"
    try:
        with open(temporary, "w", encoding="utf-8", newline="\n") as file:
            _, stamp, *_ = _status(os.fstat(file.fileno()))
            data = {"format": FORMAT, "stamp": stamp, "inputs": manifest.inputs, "report": manifest.report}
            file.write(json.dumps(data | {"search": manifest.search, "files": dict(sorted(manifest.files.items()))}))
        os.replace(temporary, folder / MANIFEST)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise
    return replace(manifest, stamp=stamp)
