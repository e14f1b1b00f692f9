"""Files of a repository are a stranger's: what is opened, walked and written, and what is not."""

from __future__ import annotations

import ast
import os
from pathlib import Path

import pytest

import schemareg
from schemareg.errors import UsageError
from schemareg.state import open_state
from schemareg.workspace import Config, load_project
from schemareg.workspace.files import FileError, read_bytes, replace_files, write_file
from schemareg.workspace.schema_paths import PassedOver, find_schemas

PACKAGE = Path(schemareg.__file__).parent
SCHEMA = '{"type": "fixed", "name": "F", "size": 1}'


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A checkout with one schema, and a folder with another one beside it."""
    top = tmp_path / "repository"
    for folder in (top / ".git", top / "schemas", tmp_path / "outside"):
        folder.mkdir(parents=True)
    (top / "schemas/F.avsc").write_text(SCHEMA, encoding="utf-8")
    (tmp_path / "outside/G.avsc").write_text(SCHEMA, encoding="utf-8")
    return top


def config_of(top: Path) -> Config:
    return Config(cwd=top, roots=(top / "schemas",), snapshot=top / "schemas/registered")


def add_pipe(top: Path) -> None:
    os.mkfifo(top / "schemas/P.avsc")


def add_device(top: Path) -> None:
    (top / "schemas/Z.avsc").symlink_to("/dev/zero")


def add_link_outside(top: Path) -> None:
    (top / "schemas/G.avsc").symlink_to("../../outside/G.avsc")


def add_folder_outside(top: Path) -> None:
    (top / "schemas/more").symlink_to("../../outside")


def add_mark(top: Path) -> None:
    (top / "schemas/subject.json").write_text("{}", encoding="utf-8")


def add_circle(top: Path) -> None:
    (top / "schemas/C.avsc").symlink_to("C.avsc")


@pytest.mark.parametrize(
    ("attack", "message"),
    [
        (add_pipe, "schemas/P.avsc cannot be read: it is a pipe"),
        (add_device, "schemas/Z.avsc cannot be used: it leads out of the repository"),
        (add_link_outside, "schemas/G.avsc cannot be used: it leads out of the repository"),
        (add_folder_outside, "schemas/more cannot be used: it leads out of the repository"),
        (add_mark, "schemas/subject.json: the mark of a snapshot's folder beside schemas"),
        (add_circle, "schemas/C.avsc cannot be read: Too many levels of symbolic links"),
    ],
)
def test_what_is_no_file_of_the_repository_is_refused(
    repository: Path, attack: object, message: str
) -> None:
    assert callable(attack)
    attack(repository)
    with pytest.raises(UsageError) as refusal:
        load_project(config_of(repository))
    assert str(refusal.value).startswith(message)


def test_a_linked_folder_inside_is_entered_once(repository: Path) -> None:
    (repository / "real").mkdir()
    (repository / "real/E.avsc").write_text(SCHEMA, encoding="utf-8")
    (repository / "schemas/events").symlink_to("../real")
    (repository / "real/again").symlink_to("../schemas")
    config = config_of(repository)
    found = find_schemas(config, config.roots, given=False).paths
    assert [config.shown(p) for p in found] == ["schemas/F.avsc", "schemas/events/E.avsc"]


def test_a_root_outside_of_the_repository_is_refused(repository: Path) -> None:
    config = Config(cwd=repository, roots=(repository.parent / "outside",))
    with pytest.raises(UsageError, match="leads out of the repository"):
        load_project(config)


def test_a_path_that_a_person_names_may_be_anywhere(repository: Path) -> None:
    project = load_project(config_of(repository), [repository.parent / "outside"])
    assert [Path(file.path).name for file in project.files] == ["G.avsc"]


def test_a_folder_named_like_a_schema_is_reported(repository: Path) -> None:
    (repository / "schemas/D.avsc").mkdir()
    assert load_project(config_of(repository)).passed_over == (
        PassedOver("schemas/D.avsc", "which is a folder"),
    )


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_an_error(repository: Path) -> None:
    (repository / "schemas/closed").mkdir(mode=0)
    with pytest.raises(UsageError, match="schemas/closed cannot be read: Permission denied"):
        load_project(config_of(repository))


def test_a_folder_that_refuses_its_list_is_an_error(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "schemas/closed").mkdir()
    listed = os.scandir

    def refuse(path: Path) -> object:
        if Path(path).name == "closed":
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(UsageError, match="schemas/closed cannot be read: Permission denied"):
        load_project(config_of(repository))


def test_a_file_beyond_the_limit_is_refused(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 11)
    assert read_bytes(tmp_path / "big", "big", limit=11) == b"x" * 11
    with pytest.raises(FileError) as refusal:
        read_bytes(tmp_path / "big", "big", limit=10)
    assert refusal.value.reason == "it has more than 10 bytes"


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_that_no_file_has(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_bytes(tmp_path / name, "it")


def test_a_write_replaces_a_link_and_not_its_target(repository: Path) -> None:
    target = repository.parent / "outside/G.avsc"
    link = repository / "schemas/L.avsc"
    link.symlink_to(target)
    replace_files({link: b"new"}, str, within=(repository,))
    assert (link.is_symlink(), link.read_text(encoding="utf-8")) == (False, "new")
    assert target.read_text(encoding="utf-8") == SCHEMA


@pytest.mark.parametrize("place", ["../outside/new", "schemas/out/new"])
def test_nothing_is_written_outside(repository: Path, place: str) -> None:
    (repository / "schemas/out").symlink_to("../../outside")
    with pytest.raises(UsageError, match="leads out of the repository"):
        replace_files({repository / place: b""}, str, within=(repository,))
    assert sorted(p.name for p in (repository.parent / "outside").iterdir()) == ["G.avsc"]


def test_a_named_device_is_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileError, match="it is a pipe"):
        write_file(pipe, "text", "pipe")
    assert pipe.is_fifo()


def test_a_failed_write_leaves_nothing(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    files = {repository / "new/deep/a": b"1", repository / "schemas/F.avsc": b"2"}
    with pytest.raises(FileError, match="No space left on device"):
        replace_files(files, str, within=(repository,))
    assert sorted(p.name for p in repository.iterdir()) == [".git", "schemas"]
    assert [p.name for p in (repository / "schemas").iterdir()] == ["F.avsc"]
    assert (repository / "schemas/F.avsc").read_text(encoding="utf-8") == SCHEMA


def test_folders_that_cannot_all_be_made_leave_none(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = Path.mkdir

    def full(path: Path, *arguments: object, **options: object) -> None:
        if path.name == "b":
            raise OSError(28, "No space left on device")
        make(path, *arguments, **options)  # type: ignore[arg-type]  # as they were given

    monkeypatch.setattr(Path, "mkdir", full)
    contents = {repository / place: b"1" for place in ("new/a/1", "new/b/2")}
    with pytest.raises(FileError, match="No space left on device"):
        replace_files(contents, str, within=(repository,))
    assert sorted(p.name for p in repository.iterdir()) == [".git", "schemas"]


SUBJECT = '{"subject": "F", "versions": [{"version": 1, "id": 1}]}'


def put_subject(folder: Path, text: str = SUBJECT) -> None:
    folder.mkdir(parents=True)
    (folder / "subject.json").write_text(text, encoding="utf-8")
    (folder / "v1.avsc").write_text(SCHEMA, encoding="utf-8")


def test_a_subject_in_two_folders_of_a_snapshot_is_refused(repository: Path) -> None:
    put_subject(repository / "schemas/registered/F")
    put_subject(repository / "schemas/registered/F2")
    with pytest.raises(Exception, match="the subject 'F' is in schemas/registered/F, too"):
        open_state("snapshot", config=config_of(repository))


@pytest.mark.parametrize("target", ["nowhere", "../../../outside"])
def test_a_linked_folder_of_a_snapshot_is_followed_or_refused(
    repository: Path, target: str
) -> None:
    put_subject(repository / "schemas/registered/F")
    (repository / "schemas/registered/G").symlink_to(target)
    with pytest.raises(UsageError, match=r"schemas/registered/G cannot be"):
        open_state("snapshot", config=config_of(repository))


# Which modules open files by themselves, and why. Everything else goes through workspace/files.
OPENING = {
    "brokers/embedded.py",  # a library of the installed client
    "cli/failures.py",  # os.devnull in the place of a closed stdout
    "cli/output.py",  # the same
    "cli/registry.py",  # backups of any size as streams, named by a person
    "lint/plugins.py",  # what is installed of a plugin, whose package pip put there
    "registry/server/access_log.py",  # the server's own files, which its operator names
    "registry/server/auth/file.py",
    "registry/server/auth/rules.py",
    "registry/server/auth/tokens.py",
    "registry/server/process.py",
    "registry/server/settings.py",
    "registry/server/tls.py",
    "registry/store/ground.py",
    "registry/store/store.py",
    "registry/topic/opening.py",
    "schema_catalog.py",  # resources of an installed package
    "site/catalog/preview.py",  # the folder that was built for it, of our own pages
    "site/rendering.py",  # our own templates
    "user_cache.py",  # the sizes and times of our own modules
    "workspace/files.py",
}
RUNNING = {
    "brokers/removal.py",
    "cli/graphviz.py",  # Graphviz, with nothing of a stranger in its arguments
    "workspace/git.py",
}
METHODS = {
    "open", "read_text", "write_text", "read_bytes", "write_bytes", "glob", "rglob", "iterdir",
    "walk", "scandir", "listdir", "mkdir", "unlink", "rename",
    "touch", "is_file", "is_dir", "exists", "lexists", "isdir", "isfile", "stat", "lstat",
    "chmod", "rmdir", "rmtree", "symlink_to", "hardlink_to", "readlink", "truncate", "utime",
    "copy", "copyfile", "copytree", "fdopen", "mkstemp", "mkdtemp", "NamedTemporaryFile",
    "TemporaryDirectory",
}  # fmt: skip

OF_OS = {"replace", "rename", "remove", "unlink", "link", "symlink", "open", "access"}


def uses(path: Path) -> set[str]:
    """The calls in a module that touch the file system, by method and line."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id="open"):
                    found.add(f"open:{node.lineno}")
                case ast.Attribute(attr=name, value=ast.Name(id="os")) if name in OF_OS:
                    found.add(f"os.{name}:{node.lineno}")
                case ast.Attribute(attr=name, value=owner) if name in METHODS:
                    if not (isinstance(owner, ast.Name) and owner.id in NOT_FILES):
                        found.add(f"{name}:{node.lineno}")
    return found


NOT_FILES = {"builder", "avro", "schema", "webbrowser", "urllib"}


def test_only_one_module_opens_files_of_a_project() -> None:
    opening = {
        path.relative_to(PACKAGE).as_posix(): sorted(found)
        for path in PACKAGE.rglob("*.py")
        if (found := uses(path))
    }
    assert {name: calls for name, calls in opening.items() if name not in OPENING} == {}


def test_only_one_module_runs_git() -> None:
    running = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Import) and "subprocess" in {a.name for a in node.names})
        or (isinstance(node, ast.ImportFrom) and node.module == "subprocess")
        or (isinstance(node, ast.Attribute) and node.attr in ("system", "popen", "execvp"))
    }
    assert running - RUNNING == set()
