"""The state of a commit, read from git's objects; work tree and index are never touched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from schemareg.errors import GitError, SchemaregError, UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.registry.api.state import Origin, RegistryState
from schemareg.state.files import SourceFile, state_of_files
from schemareg.state.snapshot import read_snapshot, snapshot_folders
from schemareg.workspace import SNAPSHOT_MARK, Config, Project, build_project
from schemareg.workspace.config_file import FILE_NAME, PYPROJECT, configures_us, parse_config
from schemareg.workspace.files import replace_files
from schemareg.workspace.git import Repository
from schemareg.workspace.imports import with_imports
from schemareg.workspace.schema_paths import is_schema_path

# Where the target branch of a pull request is: GitHub, GitLab, Azure Pipelines.
_TARGETS = (
    "GITHUB_BASE_REF",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
)
_DEFAULT_BRANCHES = ("origin/main", "origin/master", "main", "master")


def read_git(ref: str, config: Config, project: Project | None = None) -> RegistryState:
    """The state that the commit `ref` describes, under the configuration that it has itself.

    `REF...` is the commit where HEAD left REF: what others changed on REF since is not compared.
    Where the commit has no configuration that can be read, today's counts.

    Raises:
        UsageError: no such ref, no repository, or that commit has the schemas in another place.
        GitError: git is missing or failed.
    """
    repository = repository_of(config)
    commit = repository.commit(ref)
    then, notes = _config_of(repository, config, commit, ref)
    if commit == repository.commit("HEAD"):
        notes += (
            f"git:{ref} is the commit that is checked out: only what is not committed is compared",
        )
    files = tuple(_files_of(repository, commit, ref, then or config, config))
    notes += tuple(_submodules_of(repository, commit, ref, then or config, config))
    if not files:
        places = ", ".join(config.shown(root) for root in (then or config).roots)
        nothing = f"there are no schemas under {places} in git:{ref}"
        if moved := _elsewhere(repository, commit, project):
            raise UsageError(
                f"{nothing}, which has {moved}",
                advice="compare with the snapshot, or with a commit after the move",
            )
        notes += (f"{nothing}: every subject counts as new",)
    origin = Origin(f"git:{ref} ({commit[:10]})", f"git:{ref}", notes)
    return state_of_files(files, origin, today=config, then=then, project=project)


def project_of(
    commit: str, config: Config, also: Path | None
) -> tuple[Project, Config, bytes | None]:
    """The project as `commit` has it, with its settings, and the file `also`, where it has one.

    Raises:
        UsageError: today's roots are not in the repository.
        GitError: git is missing or failed.
    """
    repository = repository_of(config)
    then, _ = _config_of(repository, config, commit, commit)
    settings = then or config
    files = _files_of(repository, commit, commit, settings, config)
    project = build_project([(file.path, file.raw) for file in files], settings, complete=False)
    return project, settings, repository.content(commit, also) if also else None


def snapshot_at(commit: str, then: Config, today: Config) -> RegistryState | None:
    """The snapshot as `commit` has it, under its settings `then`; None where it has none.

    Raises:
        GitError: git is missing or failed.
    """
    from tempfile import TemporaryDirectory  # `check` starts without it

    repository = repository_of(today)
    root = repository.relative(then.snapshot)
    oids = repository.files(commit, [root]) if root else {}
    if not oids:
        return None
    with TemporaryDirectory(prefix="schemareg-") as name:
        top = Path(name)
        contents = repository.blobs(list(oids.values()))
        files = {
            top / Path(path).relative_to(root or ""): content
            for path, content in zip(oids, contents, strict=True)
        }
        replace_files(files, str, within=(top.resolve(),), flush=False)
        try:
            return read_snapshot(top, today)
        except SchemaregError:
            return None


def repository_of(config: Config) -> Repository:
    """The repository that holds the settings, or the folder where the command runs."""
    return Repository(config.source.parent if config.source else config.cwd)


def targets_named(environment: Mapping[str, str]) -> bool:
    """Whether a CI job names the branch that a pull request goes to."""
    return any(environment.get(variable) for variable in _TARGETS)


def branch_to_merge_into(config: Config, environment: Mapping[str, str]) -> str | None:
    """The branch that a change here goes to: a CI job's target, else the default branch.

    None without a repository, or without such a branch in it.
    """
    for variable in _TARGETS:
        if target := environment.get(variable):
            return f"origin/{target.removeprefix('refs/heads/')}"
    try:
        repository = repository_of(config)
    except (UsageError, GitError):
        return None
    head = repository.git("symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if head.returncode == 0:
        return head.stdout.decode().strip()
    for branch in _DEFAULT_BRANCHES:
        if repository.git("rev-parse", "--verify", "--quiet", branch).returncode == 0:
            return branch
    # in a shallow clone of one branch it is not there yet: the refusal names how to fetch it
    return _DEFAULT_BRANCHES[0] if repository.is_shallow() else None


def policy_before(
    against: str, config: Config, environment: Mapping[str, str]
) -> tuple[Config | SchemaregError | None, bytes | None]:
    """The configuration where the change began, and the file of accepted findings there.

    That is at `against`, where it is git:REF, else where the branch left the branch that it is
    merged into. None without such a branch, and for what that commit does not have; the error
    where git does not know, or the configuration cannot be read.
    """
    ref = _start_of_change(against, config, environment)
    if ref is None:
        return None, None
    try:
        repository = repository_of(config)
        commit = repository.commit(ref)
        before, notes = _config_of(repository, config, commit, ref)
        accepted = repository.content(commit, config.baseline)
    except SchemaregError as error:
        return error, None
    return UsageError(notes[0]) if notes else before, accepted


def _start_of_change(against: str, config: Config, environment: Mapping[str, str]) -> str | None:
    if against.startswith("git:"):
        return against.removeprefix("git:")
    branch = branch_to_merge_into(config, environment)
    return None if branch is None else f"{branch}..."


def _config_of(
    repository: Repository, config: Config, commit: str, ref: str
) -> tuple[Config | None, tuple[str, ...]]:
    """The configuration that the commit has, and what to note where it cannot be read."""
    source = config.source or config.cwd / FILE_NAME
    places = (source, source.parent / FILE_NAME, source.parent / PYPROJECT)
    for path, raw in repository.contents(commit, places).items():
        if path.name == PYPROJECT and not configures_us(raw):
            continue
        try:
            return parse_config(raw, path, config.cwd), ()
        except UsageError as error:
            note = f"the configuration of git:{ref} cannot be used: {error}; today's is used"
            return None, (note,)
    return None, ()


def _files_of(
    repository: Repository, commit: str, ref: str, then: Config, today: Config
) -> Iterator[SourceFile]:
    """Each schema file below the roots of `then`, which snapshots are left out of."""
    roots = [_inside(repository, root, today) for root in then.roots]
    entries = repository.files(commit, roots)
    snapshot = repository.relative(then.snapshot)
    marked = {
        folder
        for path in entries
        for folder, _, name in [path.rpartition("/")]
        if name == SNAPSHOT_MARK and snapshot and folder.startswith(f"{snapshot}/")
    }
    chosen = {
        path: oid
        for path, oid in entries.items()
        if any(is_schema_path(path.removeprefix(f"{root}/")) for root in roots)
        and path.rpartition("/")[0] not in marked
        and then.is_in_roots(repository.top / path)
        and not then.is_excluded(repository.top / path)
    }
    blobs = zip(chosen, repository.blobs(chosen.values()), strict=True)
    own = [(today.shown(repository.top / path), raw) for path, raw in blobs]
    texts, _ = with_imports(own, then, lambda path: repository.content(commit, path))
    for shown, raw in texts:
        yield SourceFile(shown, f"{ref}:{repository.relative(today.cwd / shown)}", raw)


def _submodules_of(
    repository: Repository, commit: str, ref: str, then: Config, today: Config
) -> Iterator[str]:
    """A note on each submodule under the roots, whose files the commit does not have."""
    for path in repository.submodules(commit, [_inside(repository, r, today) for r in then.roots]):
        if not then.is_excluded(repository.top / path):
            shown = today.shown(repository.top / path)
            yield f"{shown} is a submodule in git:{ref}: schemas in it are not compared"


def _elsewhere(repository: Repository, commit: str, project: Project | None) -> str | None:
    """A file of the commit, in any place, that is called as one of `project`; None without."""
    names = {PurePosixPath(file.path).name for file in project.files} if project else set()
    paths = repository.files(commit, ["."]) if names else {}
    return next((path for path in paths if path.rpartition("/")[2] in names), None)


def _inside(repository: Repository, root: Path, today: Config) -> str:
    relative = repository.relative(root)
    if relative is None:
        raise UsageError(
            f"the root {today.shown(root)} is not in the git repository {repository.top}",
            advice="compare with a directory, the snapshot, or a registry",
        )
    return relative


@dataclass(frozen=True, slots=True)
class ChangedFiles:
    """Paths below the top of the repository that differ between `base` and HEAD, sorted.

    A file that was moved counts at both paths. `texts` are the files at the wanted paths as
    `base` has them; one that it does not have is absent.
    """

    base: str
    paths: tuple[str, ...]
    texts: Mapping[Path, bytes]
    top: Path


def changed_files(ref: str, config: Config, wanted: Sequence[Path] = ()) -> ChangedFiles:
    """What HEAD changed since it left `ref`, and the files `wanted` as they were there.

    Raises:
        UsageError: no such ref, no repository, or no commit in common.
        GitError: git is missing or failed.
    """
    repository = repository_of(config)
    base = repository.commit(f"{ref.removesuffix('...')}...")
    listed = repository.done(
        "diff-tree", "-r", "-z", "--name-only", "--no-renames", "--no-commit-id", base, "HEAD"
    )
    paths = [path.decode(errors="surrogateescape") for path in listed.split(b"\0") if path]
    texts = {
        path: text
        for path in wanted
        if path.is_relative_to(repository.top)
        and (text := repository.content(base, path)) is not None
    }
    return ChangedFiles(base, tuple(sorted(paths)), texts, repository.top)


def registered_at(config: Config) -> Mapping[tuple[str, int], int]:
    """When each version of the snapshot was committed first, in ms since 1970.

    Empty where there is no repository, or no git.
    """
    try:
        added = repository_of(config).added(config.snapshot)
    except (GitError, UsageError):
        return {}
    names = snapshot_folders(config.snapshot)
    dates: dict[tuple[str, int], int] = {}
    for path, at_s in added.items():
        number = path.stem.removeprefix("v")
        if path.suffix == ".avsc" and number.isdecimal() and path.parent.name in names:
            dates[str(names[path.parent.name]), int(number)] = at_s * 1000
    return dates
