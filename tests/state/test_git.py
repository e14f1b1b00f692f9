"""The state of a commit, read from real repositories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from schemareg.errors import ExitCode, GitError, UsageError
from schemareg.limits import LIMITS
from schemareg.state import open_state
from schemareg.subjects import Subject, Version
from schemareg.workspace import load_config, load_project
from schemareg.workspace.git import Repository
from schemareg.workspace.schema_paths import find_schemas
from tests.state.commits import PAID, config_of, git, two_commits


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return two_commits(tmp_path)


def test_git_state_holds_what_the_commit_held(repository: Path) -> None:
    state = open_state("git:v1", config=config_of(repository))
    assert state.origin.description.startswith("git:v1 (")
    assert set(state.subjects) == {"payments-value", "shop.Money"}
    (version,) = state.versions(Subject("payments-value"))
    assert version.version == Version(1)
    assert version.text == PAID
    assert str(version.location) == "v1:schemas/événements/Paid.avsc"
    assert [(r.name, r.subject, r.version) for r in version.references] == [
        ("shop.Money", "shop.Money", 1)
    ]


def test_links_of_a_commit_are_followed_to_their_ends(repository: Path) -> None:
    """A link to a file, to a link, to a folder with a link in it, to itself, to nowhere."""
    for folder in ("real", "more"):
        (repository / folder).mkdir()
    for name, text in (("real/A", "A"), ("more/B", "B")):
        schema = f'{{"type": "fixed", "name": "{text}", "size": 1}}'
        (repository / f"{name}.avsc").write_text(schema, encoding="utf-8")
    links = {
        "schemas/C.avsc": "D.avsc", "schemas/D.avsc": "../more/B.avsc", "schemas/events": "../real",
        "real/again": "../more", "real/up": "../real", "schemas/E.avsc": "E.avsc",
        "schemas/F.avsc": "nowhere",
    }  # fmt: skip
    for name, target in links.items():
        (repository / name).symlink_to(target)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "links")
    checkout = Repository(repository)
    files = checkout.files(checkout.commit("HEAD"), ["schemas"])
    contents = dict(zip(files, checkout.blobs(files.values()), strict=True))
    fixed = b'{"type": "fixed", "name": "%s", "size": 1}'
    assert {k: v for k, v in contents.items() if "registered" not in k and "Money" not in k} == {
        "schemas/C.avsc": fixed % b"B",
        "schemas/D.avsc": fixed % b"B",
        "schemas/E.avsc": b"E.avsc",
        "schemas/F.avsc": b"nowhere",
        "schemas/events/A.avsc": fixed % b"A",
        "schemas/events/again/B.avsc": fixed % b"B",
    }


def test_too_many_links_of_a_commit_are_an_error(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(3):
        (repository / f"schemas/L{n}.avsc").symlink_to("Money.avsc")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "links")
    monkeypatch.setattr("schemareg.workspace.git.LIMITS", replace(LIMITS, base_links=2))
    with pytest.raises(UsageError, match="has more than 2 links among its"):
        open_state("git:HEAD", config=config_of(repository))


def add_submodule(top: Path, folder: str) -> None:
    """A commit with a submodule, as a clone without submodules has it: an empty folder."""
    commit_id = git(top, "rev-parse", "HEAD").strip()
    (top / folder).mkdir()
    (top / ".gitmodules").write_text(f'[submodule "m"]\npath = {folder}\nurl = ../m\n', "utf-8")
    git(top, "add", ".gitmodules")
    git(top, "update-index", "--add", "--cacheinfo", f"160000,{commit_id},{folder}")
    git(top, "commit", "-qm", "submodule")


@pytest.mark.parametrize(
    ("folder", "roots", "named"),
    [
        ("schemas/mod", '["schemas"]', ["schemas/mod"]),
        ("mod", '["schemas", "mod/events"]', ["mod"]),
        ("mod", '["schemas"]', []),
        ("schemas/mod", '["schemas"]\nexclude = ["schemas/mod"]', []),
    ],
    ids=["below-a-root", "around-a-root", "elsewhere", "excluded"],
)
def test_submodule_is_named_in_the_work_tree_and_in_a_commit(
    repository: Path, folder: str, roots: str, named: list[str]
) -> None:
    (repository / "schemareg.toml").write_text(f"roots = {roots}\n", encoding="utf-8")
    git(repository, "add", "-A")
    add_submodule(repository, folder)
    (repository / folder / "events").mkdir()
    config = config_of(repository)
    found = [n for n in open_state("git:HEAD", config=config).origin.notes if "submodule" in n]
    assert found == [
        f"{each} is a submodule in git:HEAD: schemas in it are not compared" for each in named
    ]
    (repository / folder / "events").rmdir()
    tops = [root for root in config.roots if root.is_dir()]
    passed = find_schemas(replace(config, roots=tuple(tops)), tops, given=False).passed_over
    assert [config.shown(path) for path, _ in passed] == [each for each in named if "/" in each]


def test_git_state_leaves_out_what_the_commit_lacks(repository: Path) -> None:
    state = open_state("git:HEAD", config=config_of(repository))
    assert list(state.subjects) == ["shop.Money"]
    assert state.versions(Subject("payments-value")) == ()


def test_git_state_touches_neither_work_tree_nor_index(repository: Path) -> None:
    (repository / "schemas/Money.avsc").write_text("changed", encoding="utf-8")
    before = (git(repository, "status", "--porcelain"), (repository / ".git/index").read_bytes())
    open_state("git:v1", config=config_of(repository)).versions(Subject("shop.Money"))
    after = (git(repository, "status", "--porcelain"), (repository / ".git/index").read_bytes())
    assert after == before


def test_git_state_from_a_folder_below_the_top(repository: Path) -> None:
    inner = repository / "schemas"
    state = open_state("git:v1", config=load_config(None, inner))
    assert set(state.subjects) == {"payments-value", "shop.Money"}


def test_git_state_of_the_commit_where_a_branch_began(repository: Path) -> None:
    git(repository, "switch", "-qc", "mine", "v1")
    tip = open_state("git:main", config=config_of(repository))
    start = open_state("git:main...", config=config_of(repository))
    assert set(tip.subjects) == {"shop.Money"}
    assert set(start.subjects) == {"payments-value", "shop.Money"}


def test_git_state_of_branches_without_a_common_commit(repository: Path) -> None:
    git(repository, "switch", "-q", "--orphan", "other")
    git(repository, "commit", "-q", "--allow-empty", "-m", "begin")
    (repository / "schemareg.toml").write_text('roots = ["schemas"]', encoding="utf-8")
    with pytest.raises(UsageError) as refusal:
        open_state("git:main...", config=config_of(repository))
    assert str(refusal.value).startswith(
        "git finds no commit that 'main' and HEAD have in common; compare with the tip"
    )


def test_git_state_inside_a_git_hook(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index.lock")
    state = open_state("git:v1", config=load_config(None, repository / "schemas"))
    assert set(state.subjects) == {"payments-value", "shop.Money"}


def test_git_state_with_a_broken_file_tells_of_it_and_keeps_the_others(repository: Path) -> None:
    (repository / "schemas/Broken.avsc").write_text("{", encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "broken")
    state = open_state("git:HEAD", config=config_of(repository))
    assert [str(r.error.location).split(":")[:2] for r in state.refused] == [
        ["HEAD", "schemas/Broken.avsc"]
    ]
    assert list(state.subjects) == ["shop.Money"]


def test_repository_without_a_commit_is_named_as_such(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "Money.avsc").write_text('{"type":"fixed","name":"M","size":1}', encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        open_state("git:HEAD", config=config_of(tmp_path))
    assert str(caught.value) == (
        "git knows no commit 'HEAD'; the repository has no commit yet: compare after the first one"
    )


UNKNOWN = [
    ("git:maim", "git knows no commit 'maim'; did you mean 'main'?"),
    ("git:v2", "git knows no commit 'v2'; known: HEAD, main, v1"),
    ("git:", "git knows no commit ''; known: HEAD, main, v1"),
    ("git:--help", "git knows no commit '--help'; known: HEAD, main, v1"),
    ("git:v1:schemas", "git knows no commit 'v1:schemas'; known: HEAD, main, v1"),
    ("git:v1\nv1", "git knows no commit 'v1\\nv1'; known: HEAD, main, v1"),
    ("git:commit v1", "git knows no commit 'commit v1'; known: HEAD, main, v1"),
]


@pytest.mark.parametrize(("spec", "message"), UNKNOWN)
def test_git_state_of_an_unknown_ref(repository: Path, spec: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        open_state(spec, config=config_of(repository))
    assert str(refusal.value) == message
    assert refusal.value.exit_code is ExitCode.ASKED_WRONGLY


def test_git_state_of_a_commit_without_schemas(repository: Path) -> None:
    git(repository, "rm", "-rq", "schemas")
    git(repository, "commit", "-qm", "none")
    git(repository, "commit", "-qm", "next", "--allow-empty")
    state = open_state("git:HEAD~1", config=config_of(repository))
    assert state.subjects == {}
    assert state.origin.notes == (
        "there are no schemas under schemas in git:HEAD~1: every subject counts as new",
    )


def test_git_state_of_a_commit_that_has_the_schemas_elsewhere(repository: Path) -> None:
    (repository / "schemareg.toml").write_text('roots = ["schemas"]\n', encoding="utf-8")
    git(repository, "mv", "schemas", "events")
    git(repository, "commit", "-qam", "elsewhere")
    git(repository, "mv", "events", "schemas")
    config = config_of(repository)
    with pytest.raises(UsageError) as refusal:
        open_state("git:HEAD", config=config, project=load_project(config))
    assert str(refusal.value) == (
        "there are no schemas under schemas in git:HEAD, which has events/Money.avsc; compare with"
        " the snapshot, or with a commit after the move"
    )


def test_git_state_outside_of_any_repository(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        open_state("git:main", config=config_of(tmp_path))
    assert "is not in a git repository" in str(refusal.value)


def test_git_state_without_git(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    with pytest.raises(GitError) as refusal:
        open_state("git:main", config=config_of(repository))
    assert str(refusal.value) == "git is not installed; install it, or compare with the snapshot"
    assert refusal.value.exit_code is ExitCode.EXTERNAL_FAILURE


def commit(repository: Path, files: Mapping[str, str | None]) -> None:
    """A commit in which `files` are written (None: removed)."""
    for name, text in files.items():
        if text is None:
            (repository / name).unlink()
        else:
            (repository / name).write_text(text, encoding="utf-8")
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "change")


OF_TOML = 'roots = ["schemas"]\n[topics.money]\nevents = ["shop.Money"]\n'
RENAMED = OF_TOML.replace("topics.money", "topics.coins")
Files = dict[str, str | None]
CONFIGURATIONS: list[tuple[Files, Files, list[str], bool]] = [
    ({"schemareg.toml": OF_TOML}, {"schemareg.toml": RENAMED}, ["money-value"], True),
    (
        {
            "schemareg.toml": None,
            "pyproject.toml": '[tool.schemareg]\nroots = ["schemas"]\n'
            '[tool.schemareg.topics.money]\nevents = ["shop.Money"]\n',
        },
        {"pyproject.toml": None, "schemareg.toml": RENAMED},
        ["money-value"],
        True,
    ),
    (
        {"schemareg.toml": None, "pyproject.toml": "[tool.other]\n"},
        {"schemareg.toml": RENAMED},
        ["coins-value"],
        True,
    ),
    ({"schemareg.toml": 'roots = ["schemas"'}, {"schemareg.toml": RENAMED}, ["coins-value"], False),
    ({"schemareg.toml": 'rotos = ["a"]'}, {"schemareg.toml": RENAMED}, ["coins-value"], False),
]


@pytest.mark.parametrize(("before", "after", "subjects", "usable"), CONFIGURATIONS)
def test_git_state_has_the_configuration_of_its_commit(
    repository: Path, before: Files, after: Files, subjects: list[str], usable: bool
) -> None:
    commit(repository, before)
    commit(repository, after)
    state = open_state("git:HEAD~1", config=config_of(repository))
    assert list(state.subjects) == subjects
    start = "the configuration of git:HEAD~1 cannot be used: schemareg.toml:"
    assert [note.startswith(start) for note in state.origin.notes] == [True] * (not usable)


def test_git_state_of_a_repository_of_another_user(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    monkeypatch.setenv("HOME", str(repository.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    with pytest.raises(UsageError) as refusal:
        open_state("git:HEAD", config=load_config(None, repository / "schemas"))
    assert str(refusal.value) == (
        f"git refuses the repository around {repository}, because it belongs to another user; run:"
        f" git config --global --add safe.directory {repository}"
    )


def test_a_name_with_a_line_feed_is_a_name(repository: Path) -> None:
    (repository / "schemas/Odd\nname.avsc").write_text(
        '{"type":"enum","name":"Odd","symbols":["A"]}', encoding="utf-8"
    )
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "odd")
    state = open_state("git:HEAD", config=config_of(repository))
    assert sorted(state.subjects) == ["Odd", "shop.Money"]


def test_a_submodule_is_no_file(repository: Path) -> None:
    head = git(repository, "rev-parse", "HEAD").strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},schemas/x.avsc")
    git(repository, "commit", "-qm", "submodule")
    state = open_state("git:HEAD", config=config_of(repository))
    assert list(state.subjects) == ["shop.Money"]


def test_a_ref_of_two_meanings_is_refused(repository: Path) -> None:
    git(repository, "tag", "release", "HEAD~1")
    git(repository, "branch", "release")
    with pytest.raises(UsageError) as refusal:
        open_state("git:release", config=config_of(repository))
    assert str(refusal.value) == (
        "git:release is ambiguous: refs/tags/release and refs/heads/release are different commits;"
        " name it in full, as git:refs/heads/release"
    )


def test_contents_are_those_of_files_whatever_their_names(repository: Path) -> None:
    written = {"a b missing": b"1", "a\nb": b"2\n3", "empty": b"", "blob 3": b"x\n" * 3}
    for name, raw in written.items():
        (repository / "schemas" / name).write_bytes(raw)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "names")
    checkout = Repository(repository)
    names = [*written, "absent", ".", "../../outside"]
    contents = checkout.contents("HEAD", [checkout.top / "schemas" / name for name in names])
    assert {path.name: raw for path, raw in contents.items()} == written


def test_a_name_and_a_listing_cost_one_process_each(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[str] = []
    run = Repository.git

    def counted(checkout: Repository, *arguments: str, **given: bytes) -> object:
        commands.append(arguments[0])
        return run(checkout, *arguments, **given)  # type: ignore[arg-type]

    monkeypatch.setattr(Repository, "git", counted)
    checkout = Repository(repository)
    commit = checkout.commit("v1")
    assert checkout.commit("v1") == commit
    assert checkout.submodules(commit, ["schemas"]) == []
    assert checkout.files(commit, ["schemas"]).keys() == checkout.files(commit, ["schemas"]).keys()
    assert commands == ["rev-parse", "cat-file", "ls-tree"]
    assert checkout.contents(commit, [checkout.top / "a", checkout.top / "b"]) == {}
    assert commands == ["rev-parse", "cat-file", "ls-tree", "cat-file"]
