"""Running git: the only module that does.

A repository is a stranger's: nothing in it may name a command to run or a place to fetch from.
Git runs from the checkout's top, takes paths literally and separates them by NUL.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from schemareg.errors import GitError, UsageError
from schemareg.limits import LIMITS
from schemareg.suggestions import did_you_mean
from schemareg.workspace.files import repository_top

_TIMEOUT_S = 60.0
_LITERAL = "--literal-pathspecs"
_HARDENED = (
    "--no-pager",
    *("-c", "safe.bareRepository=explicit"),
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", "protocol.allow=never"),
)
_HARDENED_ENVIRONMENT = {
    "LC_ALL": "C",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_RELATIVE = r"[~^]"
_PLACES = ("refs/tags/", "refs/heads/", "refs/remotes/")
"""Where git looks for a name, and takes the first."""
_LINK = "120000"
_SUBMODULE = "160000"
_REGULAR = ("100644", "100755", "100664")


def _environment() -> dict[str, str]:
    """Ours, without what git sets for a hook: the repository is found by path."""
    of_hooks = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    kept = {name: value for name, value in os.environ.items() if name not in of_hooks}
    return kept | _HARDENED_ENVIRONMENT


def _last_line(stderr: bytes) -> str:
    """The reason that git gives; of several lines the one with its verdict."""
    lines = stderr.decode(errors="replace").strip().splitlines()
    fatal = [line for line in lines if line.startswith("fatal:")]
    return (fatal or lines or ["no reason given"])[-1]


def ignored_paths(top: Path, paths: Collection[Path]) -> set[Path]:
    """Those of `paths` that git does not track, and a `.gitignore` at `top` or below names.

    None where git cannot answer, so that nothing is passed over by mistake.
    """
    below = (path for path in paths if path.is_relative_to(top))
    inside = {f"./{path.relative_to(top).as_posix()}": path for path in below}
    given = "".join(f"{path}\0" for path in inside).encode(errors="surrogateescape")
    try:
        repository = Repository(top)
        # what one person ignores on all their machines is none of the project
        own = ("-c", "core.excludesFile=")
        found = repository.git(*own, "check-ignore", "-z", "--stdin", given=given, literal=False)
    except (GitError, UsageError):
        return set()
    if found.returncode != 0:
        return set()
    lines = found.stdout.decode(errors="surrogateescape").split("\0")
    return {inside[path] for path in lines if path in inside}


def submodules_below(top: Path) -> list[Path]:
    """The submodules of the repository at `top`, as its index has them; none where git fails."""
    try:
        listed = Repository(top).git("ls-files", "--stage", "-z").stdout
    except (GitError, UsageError):
        return []
    entries = listed.decode(errors="surrogateescape").split("\0")
    return [top / e.partition("\t")[2] for e in entries if e.startswith(_SUBMODULE)]


def commit_checked_out(start: Path) -> str:
    """The id of HEAD in the repository around `start`; "" without git, repository or commit."""
    try:
        return Repository(start).named("HEAD")
    except (GitError, UsageError):
        return ""


class Repository:
    """The repository around the folder `start`, read through git's plumbing."""

    def __init__(self, start: Path) -> None:
        self.start = start
        found = self.git("rev-parse", "--show-toplevel")
        if found.returncode != 0:
            raise self.no_repository(_last_line(found.stderr))
        self.top = self.start = Path(found.stdout.decode().rstrip("\n")).resolve()
        self._commits: dict[str, str | None] = {}
        self._listings: dict[tuple[str, ...], dict[str, tuple[str, str]]] = {}

    def no_repository(self, reason: str) -> UsageError:
        """Why git finds no repository here; it refuses one that belongs to another user."""
        if "dubious ownership" in reason or "safe.directory" in reason:
            return UsageError(
                f"git refuses the repository around {self.start}, because it belongs to another"
                " user",
                advice="run: git config --global --add safe.directory"
                f" {repository_top(self.start) or self.start}",
            )
        if "not a git repository" in reason:
            return UsageError(
                f"{self.start} is not in a git repository",
                advice="compare with a directory, the snapshot, or a registry",
            )
        return UsageError(f"git cannot use the repository around {self.start}: {reason}")

    def git(
        self, *arguments: str, given: bytes = b"", literal: bool = True
    ) -> subprocess.CompletedProcess[bytes]:
        """What git answers; not `literal` for a command that takes paths without patterns only."""
        try:
            return subprocess.run(
                ["git", *_HARDENED, *([_LITERAL] if literal else []), *arguments],
                cwd=self.start,
                env=_environment(),
                input=given,
                capture_output=True,
                timeout=_TIMEOUT_S,
                check=False,
            )
        except FileNotFoundError as error:
            raise GitError(
                "git is not installed", advice="install it, or compare with the snapshot"
            ) from error
        except subprocess.TimeoutExpired as error:
            raise GitError(f"git {arguments[0]} took longer than {_TIMEOUT_S:.0f} s") from error

    def done(self, *arguments: str, given: bytes = b"") -> bytes:
        """The output of a git command that must succeed."""
        found = self.git(*arguments, given=given)
        if found.returncode != 0:
            raise GitError(f"git {arguments[0]} failed: {_last_line(found.stderr)}")
        return found.stdout

    def commit(self, ref: str) -> str:
        """The id of the commit that `ref` names, or for `REF...` of the merge base with HEAD."""
        if not ref.endswith("..."):
            return self.named(ref)
        name = ref.removesuffix("...")
        if (
            not re.search(_RELATIVE, name)
            and self._verified(name)[name] is None
            and self.is_shallow()
        ):
            raise UsageError(f"git knows no commit {name!r}", advice=self._whole_history(name))
        branch = self.named(name)
        found = self.git("merge-base", branch, "HEAD")
        if found.returncode == 0:
            return found.stdout.decode().strip()
        raise UsageError(
            f"git finds no commit that {name!r} and HEAD have in common",
            advice=self._whole_history(name)
            if self.is_shallow()
            else f"compare with the tip, as git:{name}",
        )

    def is_shallow(self) -> bool:
        """Whether the clone lacks the beginning of its history."""
        return self.done("rev-parse", "--is-shallow-repository").strip() == b"true"

    def _whole_history(self, name: str) -> str:
        """How a shallow clone gets the history of `name` and of HEAD, whatever was cloned."""
        branch = name.removeprefix("origin/")
        head = self.named("HEAD")
        return (
            "this clone is shallow, and its history ends before the two meet: run `git fetch"
            f" --unshallow origin {head} +refs/heads/{branch}:refs/remotes/origin/{branch}`, or"
            " check out with full history (fetch-depth: 0, GIT_DEPTH: 0, fetchDepth: 0)"
        )

    def named(self, ref: str) -> str:
        """The id of the commit that `ref` names.

        Raises:
            UsageError: there is none, or branches and tags of that name are different commits.
        """
        places = self._verified(ref, *(f"{place}{ref}" for place in _PLACES)) if ref else {}
        found = places.get(ref)
        if found is None:
            raise UsageError(f"git knows no commit {ref!r}", advice=self.advice_on(ref))
        others = [name for name, at in places.items() if at not in (None, found)]
        if others and not ref.startswith("refs/"):
            raise UsageError(
                f"git:{ref} is ambiguous: {' and '.join(self._places_of(ref))} are different"
                " commits",
                advice=f"name it in full, as git:{others[0]}",
            )
        return found

    def _places_of(self, ref: str) -> list[str]:
        places = self._verified(*(f"{place}{ref}" for place in _PLACES))
        return [name for name, commit in places.items() if commit]

    def _verified(self, *refs: str) -> dict[str, str | None]:
        """The commit that each of `refs` names, None where it names none; git is run once."""
        unknown = [ref for ref in refs if ref not in self._commits]
        # git reads one name a line, up to a NUL; no name of a commit has either
        sound = [ref for ref in unknown if not {"\n", "\0"}.intersection(ref)]
        self._commits |= dict.fromkeys(unknown)
        if sound:
            given = os.fsencode("".join(f"{ref}^{{commit}}\n" for ref in sound))
            listed = self.done("cat-file", "--batch-check=%(objectname)", given=given)
            for ref, line in zip(sound, listed.split(b"\n"), strict=False):
                # of a name that is none, the line is the name with a reason behind it
                self._commits[ref] = None if b" " in line else line.decode()
        return {ref: self._commits[ref] for ref in refs}

    def advice_on(self, ref: str) -> str:
        """What helps against an unknown `ref`: in a shallow clone the history may end before it."""
        if self.is_shallow():
            if re.search(_RELATIVE, ref):
                return (
                    "this clone is shallow, and its history may end before that: fetch more of"
                    f" it, with `git fetch --deepen=100 origin {self.named('HEAD')}`"
                )
            name = ref.removeprefix("origin/")
            return (
                "this clone is shallow: fetch the ref first, with"
                f" `git fetch --depth=1 origin {name}:refs/remotes/origin/{name}`, or check out"
                " with full history"
            )
        refs = self.done("for-each-ref", "--format=%(refname:short)").decode().split()
        if self._verified("HEAD")["HEAD"] is None and not refs:
            return "the repository has no commit yet: compare after the first one"
        return did_you_mean(ref, [*refs, "HEAD"])

    def added(self, folder: Path) -> dict[Path, int]:
        """The files that commits added below `folder`: when each came first, in s since 1970."""
        found = self.git(
            "log", "--no-renames", "--diff-filter=A", "--name-only", "-z", "--format=%x01%ct",
            "--", folder.as_posix(),
        )  # fmt: skip
        dates: dict[Path, int] = {}
        at_s = 0
        for token in found.stdout.split(b"\0") if found.returncode == 0 else ():
            for part in token.split(b"\n"):
                if part.startswith(b"\x01"):
                    at_s = int(part[1:])
                elif part:
                    dates[self.top / os.fsdecode(part)] = at_s  # the oldest comes last
        return dates

    def relative(self, path: Path) -> str | None:
        """`path` below the top, with forward slashes; None where it is outside."""
        return path.relative_to(self.top).as_posix() if path.is_relative_to(self.top) else None

    def content(self, commit: str, path: Path) -> bytes | None:
        """The file at `path` as the commit has it, None where it has none."""
        inside = self.relative(path)
        if inside is None:
            return None
        found = self.git("cat-file", "blob", f"{commit}:{inside}")
        return found.stdout if found.returncode == 0 else None

    def contents(self, commit: str, paths: Iterable[Path]) -> dict[Path, bytes]:
        """The files at those of `paths` where the commit has one, by path; git is run once."""
        named = {path: inside for path in paths if (inside := self.relative(path)) is not None}
        # git reads one name a line
        sound = {path: inside for path, inside in named.items() if "\n" not in inside}
        objects = self._objects([f"{commit}:{inside}" for inside in sound.values()])
        found = {
            path: content
            for path, (kind, content) in zip(sound, objects, strict=True)
            if kind == b"blob"
        }
        rest = {path: self.content(commit, path) for path in named if path not in sound}
        return found | {path: raw for path, raw in rest.items() if raw is not None}

    def files(self, commit: str, roots: Collection[str]) -> dict[str, str]:
        """The id of each file below `roots` by its path; links are followed inside the commit.

        A link that leads nowhere there is a file that holds its target, as git has it.
        """
        listed = self._listed(commit, *roots)
        found = {path: oid for path, (mode, oid) in listed.items() if mode in _REGULAR}
        waiting = {path: path for path, (mode, _) in listed.items() if mode == _LINK}
        links = _Links(self._listed(commit) if waiting else {})
        followed, most = 0, len(found) + LIMITS.base_linked_files
        while waiting:
            followed += len(waiting)
            if followed > LIMITS.base_links or len(found) > most:
                raise UsageError(
                    f"git:{commit[:12]} has more than {LIMITS.base_links:,} links among its"
                    f" schemas, or {LIMITS.base_linked_files:,} files behind them",
                    advice="commit the files in the place of the links",
                )
            targets = self.blobs([links.whole[real][1] for real in waiting.values()])
            behind: dict[str, str] = {}
            for (path, real), target in zip(waiting.items(), targets, strict=True):
                found |= links.follow(path, real, target.decode(errors="surrogateescape"), behind)
            waiting = behind
        return dict(sorted(found.items()))

    def submodules(self, commit: str, roots: Collection[str]) -> list[str]:
        """The submodules below `roots`, or around one: their files are in another repository."""
        entries = self._listed(commit, *roots)
        above = {str(folder) for root in roots for folder in PurePosixPath(root).parents} - {"."}
        if above:
            entries = {**entries, **self._listed(commit, *sorted(above), recursively=False)}
        return sorted(path for path, (mode, _) in entries.items() if mode == _SUBMODULE)

    def _listed(
        self, commit: str, *roots: str, recursively: bool = True
    ) -> Mapping[str, tuple[str, str]]:
        """Mode and id of each entry by its path; a commit is listed once."""
        all_below = ("-r",) if recursively else ()
        asked = (*all_below, "-z", "--full-tree", commit, "--", *roots)
        if asked in self._listings:
            return self._listings[asked]
        listed = self.done("ls-tree", *asked)
        entries = self._listings.setdefault(asked, {})
        for entry in filter(None, listed.split(b"\0")):
            facts, _, path = entry.decode(errors="surrogateescape").partition("\t")
            mode, _, oid = facts.split(" ")
            entries[path] = (mode, oid)
        return entries

    def blobs(self, oids: Collection[str]) -> Iterator[bytes]:
        """The content of each of `oids`."""
        for kind, content in self._objects(oids):
            if not kind:
                raise GitError(f"git has no object {content.decode(errors='replace')}")
            yield content

    def _objects(self, names: Collection[str]) -> Iterator[tuple[bytes, bytes]]:
        """Kind and content of the object that each of `names` is; of none, "" and git's line."""
        given = os.fsencode("".join(f"{name}\n" for name in names))
        answers = self.done("cat-file", "--batch", given=given)
        at = 0
        for _ in names:
            end = answers.index(b"\n", at)
            header = answers[at:end].rsplit(b" ", 2)
            if not header[-1].isdigit():
                yield b"", answers[at:end]
                at = end + 1
                continue
            at = end + 1 + int(header[2])
            yield header[1], answers[end + 1 : at]
            at += 1


class _Links:
    """Where the links of one commit end; `whole` has the mode and id of each of its files."""

    def __init__(self, whole: Mapping[str, tuple[str, str]]) -> None:
        self.whole = whole
        self._names = sorted(whole)
        self._entered: set[tuple[str, str]] = set()

    def follow(self, path: str, real: str, target: str, behind: dict[str, str]) -> dict[str, str]:
        """The files that the link at `real`, seen as `path`, is or holds, by their paths.

        Links behind it are added to `behind`; one that ends nowhere, or in itself, is a file
        that holds its target. A folder is entered once.
        """
        place = posixpath.normpath(posixpath.join(posixpath.dirname(real), target))
        dangling = {path: self.whole[real][1]}
        if place in self.whole:
            mode, oid = self.whole[place]
            if mode != _LINK:
                return {path: oid} if mode in _REGULAR else dangling
            if (path, place) in self._entered:
                return dangling
            self._entered.add((path, place))
            behind[path] = place
            return {}
        # "0" is the character behind "/"
        start, end = (bisect_left(self._names, f"{place}{sign}") for sign in "/0")
        inner = self._names[start:end]
        if not inner or ("", place) in self._entered:
            return {} if inner else dangling
        self._entered.add(("", place))
        seen_as = {f"{path}/{name.removeprefix(f'{place}/')}": name for name in inner}
        behind |= {seen: at for seen, at in seen_as.items() if self.whole[at][0] == _LINK}
        return {s: self.whole[at][1] for s, at in seen_as.items() if self.whole[at][0] in _REGULAR}
