"""Opening, walking and writing the files of a project: the only module that does.

A repository is a stranger's. Only regular files of bounded size are read; links are followed
inside the bounds (the repository's top) and refused where they lead out of them; what cannot be
read is an error and never passed by. A file is written aside, flushed and moved into its place,
never through a link and never outside the bounds.
"""

from __future__ import annotations

import errno
import fnmatch
import os
import stat
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.limits import LIMITS
from schemareg.workspace.config import Config

Bounds = tuple[Path, ...]
"""Folders (resolved) that links and writes may not leave; empty where a person named the path."""

_READ_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe without a writer must not block
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)
_WRITE_FLAGS = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)  # fmt: skip
_FLUSHED_SINGLY = 64
"""More files than that are flushed by one call for the whole disk."""
_ADVICE = "check its permissions, or the target of its link"
_WRITE_ADVICE = "check its permissions and the space left"


class FileError(UsageError):
    """A file or folder that cannot be used; `reason` is without its name."""

    def __init__(self, shown: str, verb: str, reason: str, *, advice: str = _ADVICE) -> None:
        super().__init__(f"{shown} cannot be {verb}: {reason}", advice=advice)
        self.reason = reason


def repository_top(path: Path) -> Path | None:
    """The nearest folder from `path` upwards that git takes for a checkout, None without one."""
    return next((at for at in (path, *path.parents) if os.path.lexists(at / ".git")), None)


def bounds_of(config: Config) -> Bounds:
    """The top of the project's repository; without one, its own folder and its roots."""
    home = (config.source.parent if config.source else config.cwd).resolve()
    top = repository_top(home)
    return (top,) if top else (home, *(root.resolve() for root in config.roots))


def bounds_around(path: Path) -> Bounds:
    """The bounds of a file or folder that a person named: its repository, or itself."""
    real = path.resolve()
    return (repository_top(real) or real,)


def check_within(path: Path, within: Bounds, shown: str) -> None:
    """Nothing, when `path` with all its links resolved is in one of `within`.

    Raises:
        FileError: it leads out of them.
    """
    try:
        real = Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise FileError(shown, "read", _reason(error)) from error
    if within and not any(real.is_relative_to(bound) for bound in within):
        raise FileError(
            shown, "used", "it leads out of the repository",
            advice="copy what it names into the repository, or remove it",
        )  # fmt: skip


def read_bytes(
    path: Path, shown: str, *, within: Bounds = (), limit: int = LIMITS.file_bytes
) -> bytes:
    """The content of the regular file at `path`, shown as `shown`, of at most `limit` bytes.

    Raises:
        FileError: there is none, it cannot be read, is larger, or leads out of `within`.
    """
    if within:
        check_within(path, within, shown)
    raw = read_start(path, shown, limit + 1)
    if len(raw) > limit:
        raise FileError(
            shown, "read", f"it has more than {limit} bytes", advice="name a smaller file"
        )
    return raw


def read_start(path: Path, shown: str, size: int) -> bytes:
    """The first `size` bytes of the regular file at `path`; errors as `read_bytes`."""
    try:
        with open(os.open(path, _READ_FLAGS), "rb", buffering=0) as file:
            facts = os.fstat(file.fileno())
            if problem := _irregular(facts.st_mode):
                raise FileError(shown, "read", problem, advice="name a regular file")
            return file.read(size) if facts.st_size > size else file.readall()[:size]
    except (OSError, ValueError) as error:
        raise FileError(shown, "read", _reason(error)) from error


def has_content(path: Path, content: bytes) -> bool:
    """Whether a regular file with `content`, or a link to one, is at `path` and can be read."""
    try:
        with open(os.open(path, _READ_FLAGS), "rb", buffering=0) as file:
            facts = os.fstat(file.fileno())
            is_alike = stat.S_ISREG(facts.st_mode) and facts.st_size == len(content)
            return is_alike and file.read(len(content) + 1) == content
    except (OSError, ValueError):
        return False


def exists(path: Path, shown: str) -> bool:
    """Whether something is at `path`, a dangling link too.

    Raises:
        FileError: a folder on its path cannot be entered.
    """
    return _mode(path, shown, follow=False) is not None


def is_folder(path: Path, shown: str) -> bool:
    """Whether `path` is a folder, or a link to one; errors as `exists`."""
    mode = _mode(path, shown, follow=True)
    return mode is not None and stat.S_ISDIR(mode)


def is_regular(path: Path, shown: str) -> bool:
    """Whether `path` is a regular file, or a link to one; errors as `exists`."""
    mode = _mode(path, shown, follow=True)
    return mode is not None and stat.S_ISREG(mode)


def _mode(path: Path, shown: str, *, follow: bool) -> int | None:
    try:
        return os.stat(path, follow_symlinks=follow).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise FileError(shown, "read", _reason(error)) from error


def walk(
    top: Path,
    shown: Callable[[Path], str],
    *,
    within: Bounds,
    wanted: Callable[[str], bool],
    skipped: Collection[str] = (),
) -> Iterator[tuple[Path, Sequence[str]]]:
    """Each folder from `top` downwards with the names of its files that are `wanted`, sorted.

    Linked folders are entered once all others were; a folder is entered once, whatever leads
    there. Folders named as in `skipped` are not entered. A folder with a wanted name is reported
    as a file, too.

    Raises:
        FileError: a folder that cannot be read; a linked folder, or a wanted file, that leads
            out of `within`.
    """
    seen: set[str] = set()
    waiting, linked = [top], list[Path]()
    while waiting or linked:
        folder = waiting.pop() if waiting else linked.pop(0)
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        names: list[str] = []
        for entry in _entries(folder, shown(folder)):
            is_folder = _is_folder(entry)
            if is_folder and entry.name in skipped:
                continue
            if entry.is_symlink() and (is_folder or wanted(entry.name)):
                check_within(folder / entry.name, within, shown(folder / entry.name))
            if wanted(entry.name):
                names.append(entry.name)
            if is_folder:
                (linked if entry.is_symlink() else waiting).append(folder / entry.name)
        yield folder, names


def subfolders(folder: Path, shown: str) -> list[Path]:
    """The folders (and links to such) directly in `folder`, and dangling links, sorted.

    Raises:
        FileError: `folder` cannot be read.
    """
    entries = _entries(folder, shown)
    return [folder / e.name for e in entries if _is_folder(e) or _is_dangling(folder / e.name)]


def names_in(folder: Path, shown: str) -> list[str]:
    """The names of all that is in `folder`, sorted; errors as `subfolders`."""
    return [entry.name for entry in _entries(folder, shown)]


def _entries(folder: Path, shown: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except (OSError, ValueError) as error:
        raise FileError(shown, "read", _reason(error)) from error


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a circle of links; whoever reads it gets the error
        return False


def _is_dangling(path: Path) -> bool:
    return path.is_symlink() and not os.path.exists(path)


def write_file(path: Path, text: str, shown: str, *, within: Bounds = ()) -> None:
    """`text` in UTF-8 is the content of the file at `path`: all of it, or the file is as it was.

    Line ends are written as they are in `text`; the file keeps its permissions.

    Raises:
        FileError: it cannot be written, or is outside of `within`.
    """
    replace_files({path: text.encode()}, lambda _: shown, within=within)


def append_line(path: Path, text: str, shown: str) -> None:
    """`text` and a line break are at the end of the file at `path`, on the disk.

    Raises:
        FileError: it cannot be written.
    """
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(path, flags, 0o666), "ab") as file:
            file.write(f"{text}\n".encode())
            file.flush()
            os.fsync(file.fileno())
    except (OSError, ValueError) as error:
        raise FileError(shown, "written", _reason(error), advice=_WRITE_ADVICE) from error


def replace_files(
    files: Mapping[Path, bytes],
    shown: Callable[[Path], str],
    *,
    within: Bounds = (),
    removed: Iterable[Path] = (),
    flush: bool = True,
) -> None:
    """Each of `files` has its content, those of `removed` and their empty folders are gone.

    All are written aside before the first is moved into its place, so that a full disk leaves
    everything as it was. A link in the place of a file is replaced where there are bounds, and
    refused where there are none.

    Raises:
        FileError: one cannot be written, or is outside of `within`.
    """
    for folder, path in {path.parent: path for path in (*files, *removed)}.items():
        check_within(folder, within, shown(path))
    for path in (*files, *removed):
        _check_target(path, within, shown(path))
    aside: dict[Path, Path] = {}
    made: list[Path] = []
    is_done = False
    at = next(iter(files), Path())
    try:
        for at in {path.parent: path for path in files}.values():
            _make_folder(at.parent, made)
        for at, content in files.items():
            aside[at] = at.with_name(f".new-{os.urandom(6).hex()}")
            _write_new(aside[at], content, flush=flush and len(files) <= _FLUSHED_SINGLY)
        if flush and len(files) > _FLUSHED_SINGLY and hasattr(os, "sync"):
            os.sync()
        for at in files:
            mode = _mode(at, str(at), follow=False)
            if mode is not None and stat.S_ISREG(mode):
                aside[at].chmod(mode & 0o7777)
            os.replace(aside[at], at)
            del aside[at]
        for at in removed:
            at.unlink()
            if not any(at.parent.iterdir()):
                at.parent.rmdir()
        is_done = True
    except (OSError, ValueError) as error:
        raise FileError(shown(at), "written", _reason(error), advice=_WRITE_ADVICE) from error
    finally:
        for part in aside.values():
            with suppress(OSError):
                part.unlink()
        for folder in reversed([] if is_done else made):
            with suppress(OSError):
                folder.rmdir()


def remove_files(paths: Iterable[Path], top: Path) -> None:
    """None of `paths` is there, nor a folder of theirs below `top` that held nothing else."""
    for path in paths:
        path.unlink(missing_ok=True)
        if path.parent != top:
            with suppress(OSError):
                path.parent.rmdir()


def _check_target(path: Path, within: Bounds, shown: str) -> None:
    mode = _mode(path, shown, follow=False)
    if mode is None or (within and stat.S_ISLNK(mode)):
        return
    if stat.S_ISLNK(mode):
        raise UsageError(f"{shown} is a link, which is not written", advice="name the file itself")
    if problem := _irregular(mode):
        raise FileError(shown, "written", problem, advice="name a regular file, or a new one")


def _make_folder(folder: Path, made: list[Path]) -> None:
    """`folder` is there; `made` gets each folder that was made for it, from the top."""
    for at in reversed([at for at in (folder, *folder.parents) if not at.is_dir()]):
        at.mkdir(exist_ok=True)
        made.append(at)


def _write_new(path: Path, content: bytes, *, flush: bool) -> None:
    with os.fdopen(os.open(path, _WRITE_FLAGS, 0o666), "wb") as file:
        file.write(content)
        if flush:
            file.flush()
            os.fsync(file.fileno())


def _irregular(mode: int) -> str | None:
    if stat.S_ISREG(mode):
        return None
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    kind = next((name for is_kind, name in kinds if is_kind(mode)), "a device")
    return f"it is {kind}"


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        if error.errno == errno.EISDIR:
            return "it is a folder"
        return error.strerror or "the operating system refuses it"
    return "its name is none that a file can have"


def matching(root: Path, glob: str, shown: Callable[[Path], str], *, within: Bounds) -> list[Path]:
    """The regular files below `root` that fit `glob`, sorted; `**` is any number of folders.

    Raises:
        FileError: a folder on the way cannot be read, or a file that fits leads out of `within`.
    """
    parts = Path(glob).parts
    files: set[Path] = set()
    seen: set[tuple[Path, int]] = set()
    waiting = [(root, 0)]
    while waiting:
        folder, at = waiting.pop()
        if (folder, at) in seen:
            continue
        seen.add((folder, at))
        if at == len(parts):
            if is_regular(folder, shown(folder)):
                check_within(folder, within, shown(folder))
                files.add(folder)
        elif parts[at] == "**":
            waiting.append((folder, at + 1))
            waiting += [
                (sub, at) for sub in subfolders(folder, shown(folder)) if not sub.is_symlink()
            ]
        elif not any(sign in parts[at] for sign in "*?["):
            waiting.append((folder / parts[at], at + 1))
        elif is_folder(folder, shown(folder)):
            names = fnmatch.filter(names_in(folder, shown(folder)), parts[at])
            waiting += [(folder / name, at + 1) for name in names]
    return sorted(files)


def file_times(tops: Iterable[Path]) -> Mapping[str, tuple[int, int]]:
    """Time (ns) and size (bytes) of the files `tops`, and of all below those that are folders."""
    times: dict[str, tuple[int, int]] = {}
    for top in map(os.fspath, tops):
        below = (
            os.path.join(folder, name)
            for folder, folders, names in os.walk(top)
            for name in _without_hidden(folders, names)
        )
        for file in (top, *below):
            with suppress(OSError):  # gone since it was listed
                status = os.stat(file)
                times[file] = status.st_mtime_ns, status.st_size
    return times


def _without_hidden(folders: list[str], names: list[str]) -> list[str]:
    folders[:] = [name for name in folders if not name.startswith(".") and name != "node_modules"]
    return names
