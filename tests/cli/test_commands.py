"""The three uses, on the schemas of this repository, as their users run them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from schemareg.registry.server import EmbeddedRegistry
from tests.cli.conftest import Schemareg

REPOSITORY = Path(__file__).parents[2]
ORDER_CREATED = Path("schemas/events/order/OrderCreated.avsc")
SUBJECT = "orders-com.company.events.OrderCreated"


@pytest.fixture
def shop(here: Path) -> Path:
    """A working copy of the shop's schemas and their configuration, committed to git."""
    shutil.copytree(REPOSITORY / "schemas", here / "schemas")
    shutil.copy(REPOSITORY / "schemareg.toml", here)
    for arguments in (
        ["init", "--quiet"],
        ["add", "--all"],
        ["-c", "user.name=t", "-c", "user.email=t@t", "commit", "--quiet", "--message=start"],
    ):
        subprocess.run(["git", *arguments], cwd=here, check=True)
    return here


def change(shop: Path, old: str, new: str) -> None:
    """Edit the current OrderCreated."""
    text = (shop / ORDER_CREATED).read_text(encoding="utf-8")
    assert old in text
    (shop / ORDER_CREATED).write_text(text.replace(old, new, 1), encoding="utf-8")


TOTAL_AS_TEXT = ('"type": "double"', '"type": "string"')
NEW_FIELD_WITHOUT_DEFAULT = (
    '"fields": [',
    '"fields": [\n{"name": "channel", "type": "string", "doc": "Where from."},',
)
BROKEN_JSON = ('"fields": [', '"fields": [[')


class TestInAPullRequest:
    def test_the_schemas_as_they_are_pass(self, schemareg: Schemareg, shop: Path) -> None:
        lint = schemareg("lint")
        assert (lint.code, lint.out) == (
            0,
            "clean: 21 schema files (2 suppressed, with reasons)\n",
        )
        check = schemareg("check")
        assert check.code == 0
        assert f"ok {SUBJECT} (FULL_TRANSITIVE): compatible with v1, v2" in check.out

    @pytest.mark.parametrize("against", ["snapshot", "git:HEAD", "schemas/registered"])
    def test_a_changed_type_is_refused_whatever_the_base(
        self, schemareg: Schemareg, shop: Path, against: str
    ) -> None:
        change(shop, *TOTAL_AS_TEXT)
        answer = schemareg("check", "--against", against)
        assert answer.code == 1
        called = "v1, v2" if "schemas/registered" in answer.out else against
        assert f"INCOMPATIBLE {SUBJECT} (FULL_TRANSITIVE) with {called}\n" in answer.out
        assert "reader type: DOUBLE not compatible with writer type: STRING" in answer.out
        assert "schemas/events/order/OrderCreated.avsc:27:15: OrderCreated.total" in answer.out
        assert "do: Keep writing double" in answer.out
        assert (
            "once that is fixed: Under FULL_TRANSITIVE consumers and producers may be upgraded in "
            "any order." in " ".join(answer.out.split())
        )

    def test_a_new_field_without_default_is_refused_with_the_way_out(
        self, schemareg: Schemareg, shop: Path
    ) -> None:
        change(shop, *NEW_FIELD_WITHOUT_DEFAULT)
        answer = schemareg("check", "--prove")
        assert answer.code == 1
        assert "READER_FIELD_MISSING_DEFAULT_VALUE: channel" in answer.out
        assert "do: Give OrderCreated.channel a default" in answer.out
        assert "proved: an event that the reader refuses" in answer.out

    @pytest.mark.parametrize("command", ["lint", "check"])
    def test_broken_json_is_refused_at_its_place(
        self, schemareg: Schemareg, shop: Path, command: str
    ) -> None:
        change(shop, *BROKEN_JSON)
        answer = schemareg(command)
        assert answer.code == 1
        assert "schemas/events/order/OrderCreated.avsc:" in answer.out
        assert "JSON" in answer.out

    def test_annotations_stand_on_the_changed_line(self, schemareg: Schemareg, shop: Path) -> None:
        change(shop, *TOTAL_AS_TEXT)
        answer = schemareg("check", "--format", "github")
        assert answer.code == 1
        place = "file=schemas/events/order/OrderCreated.avsc,title=TYPE_MISMATCH,line=27,col=15"
        assert all(line.startswith(f"::error {place}::") for line in answer.out.splitlines())
        assert len(answer.out.splitlines()) == 2

    def test_json_holds_every_violation_with_its_versions(
        self, schemareg: Schemareg, shop: Path
    ) -> None:
        change(shop, *TOTAL_AS_TEXT)
        told = json.loads(schemareg("check", "--format", "json").out)
        refused = [s for s in told["subjects"] if s["verdict"] == "incompatible"]
        assert [s["subject"] for s in refused] == [SUBJECT]
        assert [(v["versions"], v["direction"]) for v in refused[0]["violations"]] == [
            ([2, 1], "FORWARD"),
            ([2, 1], "BACKWARD"),
        ]
        assert refused[0]["violations"][0]["incompatibility"]["java_location"] == "/fields/3/type"

    def test_a_laxer_level_by_option_lets_it_pass(self, schemareg: Schemareg, shop: Path) -> None:
        change(shop, *TOTAL_AS_TEXT)
        assert schemareg("check", "--level", "none").code == 0

    def test_a_version_out_of_promise_is_told_apart(self, schemareg: Schemareg, shop: Path) -> None:
        change(shop, *TOTAL_AS_TEXT)
        told = json.loads(schemareg("check", "--level", "backward", "--format", "json").out)
        order = next(s for s in told["subjects"] if s["subject"] == SUBJECT)
        assert order["versions"] == [
            {"version": 1, "verdict": "incompatible", "promised": False, "called": "v1"},
            {"version": 2, "verdict": "incompatible", "promised": True, "called": "v2"},
        ]
        assert order["violations"][0]["versions"] == [2]


@pytest.fixture
def registry() -> Iterator[str]:
    with EmbeddedRegistry() as server:
        yield server.url


class TestOnMerge:
    def test_registers_references_first_and_is_idempotent(
        self, schemareg: Schemareg, shop: Path, registry: str
    ) -> None:
        first = schemareg("register", "--registry", registry)
        assert first.code == 0, first.err
        assert first.out.splitlines()[-1] == f"30 new versions, 30 subjects in {registry}"
        again = schemareg("register", "--registry", registry)
        assert again.out.splitlines()[-1] == f"0 new versions, 30 subjects in {registry}"

    def test_registers_nothing_when_one_schema_may_not_follow(
        self, schemareg: Schemareg, shop: Path, registry: str
    ) -> None:
        assert schemareg("register", "--registry", registry).code == 0
        change(shop, *TOTAL_AS_TEXT)
        text = (shop / "schemas/shared/Money.avsc").read_text(encoding="utf-8")
        harmless = text.replace('"doc": "', '"doc": "Changed. ', 1)
        (shop / "schemas/shared/Money.avsc").write_text(harmless, encoding="utf-8")
        refused = schemareg("register", "--registry", registry)
        assert refused.code == 1
        assert f"INCOMPATIBLE {SUBJECT}" in refused.out
        (shop / ORDER_CREATED).write_bytes((REPOSITORY / ORDER_CREATED).read_bytes())
        check = schemareg("check", "--against", registry)
        assert "ok com.company.shared.Money (FULL_TRANSITIVE): compatible with v1" in check.out

    def test_pull_writes_what_was_registered(
        self, schemareg: Schemareg, shop: Path, registry: str
    ) -> None:
        assert schemareg("register", "--registry", registry).code == 0
        pulled = schemareg("pull", "--registry", registry)
        assert pulled.code == 0, pulled.err
        check = schemareg("check")
        unchanged = "30 subjects against the snapshot in schemas/registered: 30 unchanged\n"
        assert check.out.endswith(unchanged)
        # this registry is a new one, so what was pulled is not what the branch started from
        assert "error snapshot-edited" in check.out


class TestInServiceTests:
    def test_verify_does_the_whole_job(self, schemareg: Schemareg, shop: Path) -> None:
        answer = schemareg("verify")
        assert answer.code == 0, answer.err
        assert "    registered as version 3, id " in answer.out
        assert "through the embedded broker: all as promised" in answer.out
        assert answer.out.splitlines()[-1].startswith(
            "verified: 21 schema files, 30 subjects, registry embedded, "
        )

    def test_matrix_is_red_with_the_bytes_on_a_broken_schema(
        self, schemareg: Schemareg, shop: Path
    ) -> None:
        change(shop, *TOTAL_AS_TEXT)
        answer = schemareg("roundtrip", "--matrix", "--format", "junit", "--events", "1")
        assert answer.code == 1
        suite = ElementTree.fromstring(answer.out)
        failed = {c.get("name") for c in suite.iter("testcase") if c.find("failure") is not None}
        assert failed == {
            f"{pair}, framed by {framing}"
            for pair in ("v1 read by v3", "v2 read by v3", "v3 read by v1", "v3 read by v2")
            for framing in ("id", "guid")
        }
        failure = next(suite.iter("failure"))
        assert "the writer's double cannot be read as string" in (failure.get("message") or "")
        assert failure.text is not None
        assert bytes.fromhex(failure.text.rpartition("bytes ")[2])

    def test_a_consumers_own_schema_reads_every_version(
        self, schemareg: Schemareg, shop: Path
    ) -> None:
        (shop / "readers").mkdir()
        (shop / "readers" / "Order.avsc").write_text(
            '{"type": "record", "name": "OrderCreated", "namespace": "com.company.events",'
            ' "fields": [{"name": "orderId", "type": "string"}]}',
            encoding="utf-8",
        )
        with (shop / "schemareg.toml").open("a", encoding="utf-8") as config:
            config.write(
                f'\n[consumers.billing]\nreads = {{ "{SUBJECT}" = "readers/Order.avsc" }}\n'
            )
        told = json.loads(schemareg("roundtrip", "--matrix", "--format", "json").out)
        cells = [p["cell"] for p in told["pairings"] if p["cell"]["reader"] == "billing"]
        assert [(c["version"], c["framing"]) for c in cells] == [
            (version, framing) for version in (1, 2, 3) for framing in ("id", "guid")
        ]
        assert {c["different"] + c["refused"] for c in cells} == {0}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        pytest.param(
            ["diff", "carts-value@1", "carts-value"],
            "minor: 2 changes from carts-value@1 to carts-value",
            id="diff",
        ),
        pytest.param(
            ["diff", "carts-value", "carts-value"],
            "nothing changed from carts-value to carts-value",
            id="diff-of-nothing",
        ),
        pytest.param(
            ["fingerprint", "schemas/shared/Money.avsc"],
            "  CRC-64-AVRO             a56db59bb5b43530",
            id="fingerprint",
        ),
        pytest.param(["rules", "money-as-double"], "  Bad:", id="rules"),
    ],
)
def test_command_says(schemareg: Schemareg, shop: Path, arguments: list[str], line: str) -> None:
    answer = schemareg(*arguments)
    assert answer.code == 0, answer.err
    assert line in answer.out.splitlines()


def test_sample_is_the_same_for_the_same_seed(schemareg: Schemareg, shop: Path) -> None:
    first = schemareg("sample", "OrderCreated", "--count", "2", "--seed", "7").out
    assert first == schemareg("sample", "OrderCreated", "--count", "2", "--seed", "7").out
    assert first != schemareg("sample", "OrderCreated", "--count", "2", "--seed", "8").out
    assert len(first.splitlines()) == 2


def test_sample_in_the_json_encoding_tags_unions(schemareg: Schemareg, shop: Path) -> None:
    answer = schemareg("sample", "Money", "OrderCreated", "--encoding", "avro-json")
    money, order = map(json.loads, answer.out.splitlines())
    assert isinstance(money["amount"], str)
    assert isinstance(order["timestamp"], int)
    assert list(order["metadata"]) == ["com.company.shared.EventMetadata"]


@pytest.mark.parametrize(
    "command",
    ["lint", "check", "register", "roundtrip", "verify", "serve", "diff", "fingerprint", "rules",
     "sample", "pull", "plan", "apply", "drift"],
)  # fmt: skip
def test_help_shows_an_example_and_fits_80_columns(schemareg: Schemareg, command: str) -> None:
    answer = schemareg(command, "--help")
    assert answer.code == 0
    assert f"  schemareg {command}" in answer.out
    too_wide = [line for line in answer.out.splitlines() if len(line) > 80]
    assert too_wide == [] or all(line.lstrip().startswith("--") for line in too_wide)


@pytest.mark.parametrize(("semantic", "code"), [("warning", 0), ("error", 1)])
def test_register_reports_a_change_of_meaning(
    schemareg: Schemareg, here: Path, registry: str, semantic: str, code: int
) -> None:
    schema = '{"type": "record", "name": "Sent", "fields": [{"name": "at", "type": %s}]}'
    configuration = f'[subjects."*"]\nsemantic = "{semantic}"\n'
    (here / "schemareg.toml").write_text(configuration, encoding="utf-8")
    (here / "schemas").mkdir()
    for unit in ("millis", "micros"):
        type_ = f'{{"type": "long", "logicalType": "timestamp-{unit}"}}'
        (here / "schemas/Sent.avsc").write_text(schema % type_, encoding="utf-8")
        planned = schemareg("plan", "--registry", registry)
        answer = schemareg("register", "--registry", registry)
    assert (planned.code, answer.code) == (code, code)
    for out in (planned.out, answer.out):
        assert f"{semantic} time-unit" in out
        assert "timestamp-millis read as timestamp-micros" in out
