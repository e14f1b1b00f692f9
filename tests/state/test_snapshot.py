"""The snapshot: read, written, refused; and the layout of its texts."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest

from schemareg.errors import ContentError, ExitCode, UsageError
from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.state import Schemas, open_state, read_snapshot, write_snapshot
from schemareg.state.layout import laid_out
from schemareg.state.snapshot import folder_name
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from schemareg.syntax import same_tokens
from schemareg.workspace import Config

MONEY = '{"type":"record","name":"shop.Money","fields":[{"name":"amount","type":"long"}]}'
PAID = '{"type":"record","name":"shop.Paid","fields":[{"name":"sum","type":"shop.Money"}]}'
PAID_SUBJECT = json.dumps(
    {
        "subject": "paid-value",
        "level": "FULL",
        "versions": [
            {
                "version": 2,
                "references": [{"name": "shop.Money", "subject": "shop.Money", "version": 1}],
            },
            {"version": 1},
        ],
    }
)
FILES = {
    "shop.Money/subject.json": '{"subject": "shop.Money", "versions": [{"version": 1}]}',
    "shop.Money/v1.avsc": MONEY,
    "paid-value/subject.json": PAID_SUBJECT,
    "paid-value/v1.avsc": '{"type":"record","name":"shop.Paid","fields":[]}',
    "paid-value/v2.avsc": PAID,
}


def put(directory: Path, files: dict[str, str]) -> Config:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text, encoding="utf-8")
    return Config(cwd=directory, snapshot=directory)


def test_snapshot_read(tmp_path: Path) -> None:
    state = open_state("snapshot", config=put(tmp_path, FILES))
    assert list(state.subjects) == ["paid-value", "shop.Money"]
    assert state.level(Subject("paid-value")) is CompatibilityLevel.FULL
    assert state.level(Subject("shop.Money")) is None
    first, second = Schemas(state, avro_version="1.12").history(Subject("paid-value"))
    assert (first.version, first.references) == (1, ())
    assert second.version == 2
    assert second.text == PAID
    assert second.references == (Reference("shop.Money", Subject("shop.Money"), Version(1)),)
    assert str(second.location) == "paid-value/v2.avsc"
    assert list(second.schema.names) == ["shop.Paid"]
    assert list(second.schema.references[0].names) == ["shop.Money"]
    assert state.versions(Subject("unknown")) == ()


def test_directory_that_holds_a_snapshot_is_read_as_one(tmp_path: Path) -> None:
    config = put(tmp_path / "elsewhere", FILES)
    state = open_state(str(tmp_path / "elsewhere"), config=config)
    assert len(state.versions(Subject("paid-value"))) == 2


def test_snapshot_written_reads_the_same_and_is_not_written_again(tmp_path: Path) -> None:
    state = open_state("snapshot", config=put(tmp_path / "one", FILES))
    assert len(write_snapshot(tmp_path / "two", state)) == 5
    again = open_state("snapshot", config=Config(cwd=tmp_path, snapshot=tmp_path / "two"))
    for subject, held in state.subjects.items():
        assert again.level(subject) is held.level
        for left, right in zip(held.versions, again.versions(subject), strict=True):
            assert left.version == right.version
            assert left.references == right.references
            assert same_tokens(left.text, right.text)
    assert write_snapshot(tmp_path / "two", again) == ()


def test_snapshot_written_over_an_older_one(tmp_path: Path) -> None:
    state = open_state("snapshot", config=put(tmp_path / "one", FILES))
    put(
        tmp_path / "two",
        {
            "gone-value/subject.json": '{"subject": "gone-value", "versions": [{"version": 1}]}',
            "gone-value/v1.avsc": '"string"',
            "paid-value/subject.json": "{}",
            "paid-value/v9.avsc": '"string"',
            "shop.Money/v1.avsc": MONEY.replace(",", " ,\n"),
            "README.md": "kept",
        },
    )
    write_snapshot(tmp_path / "two", state)
    left = sorted(
        p.relative_to(tmp_path / "two").as_posix()
        for p in (tmp_path / "two").rglob("*")
        if p.is_file()
    )
    assert left == sorted([*FILES, "README.md"])
    # the same tokens laid out by hand stay as they are
    money = (tmp_path / "two/shop.Money/v1.avsc").read_text(encoding="utf-8")
    assert money == MONEY.replace(",", " ,\n")


FOLDERS = [
    ("orders-value", "orders-value"),
    (":.shop:orders/value", "%3A.shop%3Aorders%2Fvalue"),
    ("größe*", "gr%C3%B6%C3%9Fe%2A"),
    ("", "~e3b0c44298fc1c14"),
    ("-rf", "%2Drf"),
    ("~", "%7E"),
    ("..", "%2E%2E"),
    (".hidden", "%2Ehidden"),
    ("ends.", "ends%2E"),
    ("con", "%63on"),
    ("Aux.shop", "%41ux.shop"),
    ("com1-value", "com1-value"),
    ("a\ud800", "a%ED%A0%80"),
    ("é" * 100, "%C3%A9" * 30 + "%C3~f42ec48e1e4b487e"),
]


@pytest.mark.parametrize(("subject", "folder"), FOLDERS)
def test_folder_of_a_subject(subject: str, folder: str) -> None:
    assert folder_name(Subject(subject)) == folder


def held(subject: str, text: str = '"int"') -> SubjectState:
    return SubjectState(Subject(subject), (StoredVersion(Version(1), text),))


def state_with(*subjects: str) -> RegistryState:
    return RegistryState({Subject(name): held(name) for name in subjects})


@pytest.mark.parametrize(
    "names",
    [
        pytest.param(["Orders-value", "orders-value", "ORDERS-value"], id="case"),
        pytest.param(["x" * 250, "x" * 251, "é" * 90, ("é" * 90) + "e"], id="length"),
        pytest.param(["nul", "NUL", "lpt9.a", "..", "."], id="reserved"),
        pytest.param(["a b", "a%20b", "a/b", "a:b", "a\ud800"], id="characters"),
    ],
)
def test_every_name_has_a_folder_of_its_own(tmp_path: Path, names: list[str]) -> None:
    state = state_with(*names)
    write_snapshot(tmp_path, state)
    folders = [path.name for path in tmp_path.iterdir()]
    assert len({folder.casefold() for folder in folders}) == len(names)
    assert max(len(folder.encode()) for folder in folders) <= 200
    assert read_snapshot(tmp_path, Config(cwd=tmp_path)).subjects.keys() == set(names)
    assert write_snapshot(tmp_path, state) == ()


def test_folder_stays_when_a_subject_comes_that_differs_only_by_case(tmp_path: Path) -> None:
    write_snapshot(tmp_path, state_with("orders-value"))
    write_snapshot(tmp_path, state_with("ORDERS-value", "orders-value"))
    text = (tmp_path / "orders-value/subject.json").read_text(encoding="utf-8")
    assert json.loads(text)["subject"] == "orders-value"


def test_subjects_that_are_kept_stay_as_they_are(tmp_path: Path) -> None:
    write_snapshot(tmp_path, state_with("a", "b"))
    before = (tmp_path / "b/v1.avsc").read_bytes()
    assert write_snapshot(tmp_path, state_with("a"), kept={Subject("b")}) == ()
    assert (tmp_path / "b/v1.avsc").read_bytes() == before
    assert [path.name for path in write_snapshot(tmp_path, state_with("a"))] == [
        "subject.json",
        "v1.avsc",
    ]
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def contents(folder: Path) -> dict[Path, bytes]:
    """What is in the files of `folder`; folders have none."""
    return {path: path.read_bytes() if path.is_file() else b"" for path in folder.rglob("*")}


def test_snapshot_that_cannot_be_written_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_snapshot(tmp_path, state_with("a"))
    (tmp_path / "a/v1.avsc").write_text("what was there", encoding="utf-8")
    left = contents(tmp_path)
    calls: list[int] = []

    def full(number: int) -> None:
        calls.append(number)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match="No space left on device"):
        write_snapshot(tmp_path, state_with("a", "b", "c"))
    assert contents(tmp_path) == left


REFUSED: list[tuple[dict[str, str], str]] = [
    (
        {"paid-value/subject.json": "{"},
        "paid-value/subject.json:1:2: ",
    ),
    (
        {"paid-value/subject.json": "[]"},
        "paid-value/subject.json: a subject is not a JSON object: []; write the snapshot again",
    ),
    (
        {"paid-value/subject.json": '{"subject": "paid-value"}'},
        "paid-value/subject.json: 'versions' is not a JSON array: None",
    ),
    (
        {"paid-value/subject.json": '{"versions": []}'},
        "paid-value/subject.json: 'subject' is not a string: None",
    ),
    (
        {"paid-value/subject.json": PAID_SUBJECT.replace("FULL", "full")},
        "paid-value/subject.json: unknown level 'full'; did you mean 'FULL'?",
    ),
    (
        {"paid-value/subject.json": PAID_SUBJECT.replace('{"version": 1}', '{"version": 0}')},
        "paid-value/subject.json: not the number of a version: 0",
    ),
    (
        {"paid-value/subject.json": PAID_SUBJECT.replace('"name": "shop.Money", ', "")},
        "paid-value/subject.json: not a reference: {'subject': 'shop.Money', 'version': 1}",
    ),
    (
        {"paid-value/subject.json": PAID_SUBJECT.replace('{"version": 1}', '{"version": 3}')},
        "paid-value/v3.avsc: the text of 'paid-value' version 3 cannot be read: No such file or"
        " directory; write the snapshot again",
    ),
    (
        {"shop.Money/subject.json": '{"subject": "shop.Money", "versions": []}'},
        ".: 'paid-value' version 2 refers to 'shop.Money' version 1, which is not in it",
    ),
    (
        {"paid-value/subject.json": PAID_SUBJECT.replace('{"version": 1}', '{"version": 2}')},
        "paid-value/subject.json: a version is in it twice; write the snapshot again",
    ),
]


@pytest.mark.parametrize(("changed", "message"), REFUSED)
def test_snapshot_refused(tmp_path: Path, changed: dict[str, str], message: str) -> None:
    config = put(tmp_path, {**FILES, **changed})
    with pytest.raises(ContentError) as refusal:
        open_state("snapshot", config=config)
    assert str(refusal.value).startswith(message)
    assert refusal.value.exit_code is ExitCode.NO


UNPARSABLE: list[tuple[dict[str, str], str]] = [
    (
        {"paid-value/v2.avsc": '{"type": "record", "name": "x"}'},
        "paid-value/v2.avsc:",
    ),
    (
        {
            "paid-value/subject.json": PAID_SUBJECT.replace(
                '"subject": "shop.Money", "version": 1', '"subject": "paid-value", "version": 2'
            )
        },
        "paid-value/v2.avsc: its references form a cycle: paid-value version 2",
    ),
]


@pytest.mark.parametrize(("changed", "message"), UNPARSABLE)
def test_version_that_cannot_be_parsed_hides_no_other(
    tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    state = open_state("snapshot", config=put(tmp_path, {**FILES, **changed}))
    schemas = Schemas(state, avro_version="1.12")
    assert [v.version for v in schemas.history(Subject("paid-value"))] == [1]
    ((stored, refusal),) = schemas.refusals(Subject("paid-value"))
    assert stored.version == 2
    assert str(refusal).startswith(message)


def test_snapshot_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refusal:
        open_state("snapshot", config=Config(cwd=tmp_path, snapshot=tmp_path / "registered"))
    assert str(refusal.value) == (
        "there is no snapshot at registered; write one with `schemareg pull`, or compare with"
        " git:REF or a registry"
    )


LAYOUTS = [
    ('"string"', '"string"\n'),
    ('{"a":1.0E10,"b":"\\u00e9, {"}', '{"a": 1.0E10, "b": "\\u00e9, {"}\n'),
    ("[]", "[]\n"),
    (
        '{"fields":[{"name":"a","type":{"type":"map","values":"int"}},{"name":"b"}]}',
        '{\n  "fields": [\n    {"name": "a", "type": {"type": "map", "values": "int"}},\n'
        '    {"name": "b"}\n  ]\n}\n',
    ),
    ('{\n"a":1}', '{\n"a":1}\n'),
    ('"a\ud800b"', '"a\\ud800b"\n'),
    ('{"a": "b\\\\", "c": [1, 2]}', '{"a": "b\\\\", "c": [1, 2]}\n'),
]


@pytest.mark.parametrize(("text", "expected"), LAYOUTS)
def test_text_laid_out(text: str, expected: str) -> None:
    assert laid_out(text) == expected
    laid_out(text).encode()
    assert json.loads(text) == json.loads(expected)


SAME = [
    ('{"a": 1}', '{ "a":1 }\n', True),
    ('{"a": 1.0}', '{"a": 1.00}', False),
    ('{"a": "b c"}', '{"a": "bc"}', False),
    ('{"a": "\\u0041"}', '{"a": "A"}', False),
]


@pytest.mark.parametrize(("left", "right", "same"), SAME)
def test_same_json_compares_tokens(left: str, right: str, same: bool) -> None:
    assert same_tokens(left, right) is same
