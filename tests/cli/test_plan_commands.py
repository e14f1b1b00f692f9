"""Plan and apply as a pipeline runs them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.subjects import CompatibilityLevel, Mode, Subject
from tests.cli.conftest import Schemareg

CONFIG = 'roots = ["schemas"]\nlevel = "FULL"\n[topics.orders]\nevents = ["shop.Placed"]\n'
PLACED = '{"type":"record","name":"shop.Placed","fields":[{"name":"id","type":"string"}]}'
GROWN = PLACED.replace("}]", '},{"name":"note","type":"string","default":""}]')


@pytest.fixture
def shop(here: Path) -> Path:
    (here / "schemas").mkdir()
    (here / "schemas/Placed.avsc").write_text(PLACED, encoding="utf-8")
    (here / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    return here


@pytest.fixture
def registry() -> Iterator[str]:
    with EmbeddedRegistry() as server:
        yield server.url


def test_plan_apply_and_plan_again(schemareg: Schemareg, shop: Path, registry: str) -> None:
    made = schemareg("plan", "--registry", registry, "--out", "plan.json", "--detailed-exitcode")
    assert (made.code, made.out, made.err) == (
        10,
        "+ orders-value: register version 1; level BACKWARD → FULL\n"
        f"1 setting to change, 1 version to register in {registry}\n",
        "schemareg: the plan is in plan.json\nschemareg: 1 subject read, 1 judged, 0 passed over\n",
    )
    done = schemareg("apply", "plan.json", "--registry", registry, "--yes")
    assert (done.code, done.out) == (
        0,
        "~ orders-value: level BACKWARD → FULL\n"
        "+ orders-value: register version 1, id 1\n"
        f"2 changes made in {registry}\n",
    )
    again = schemareg("plan", "--registry", registry, "--detailed-exitcode")
    assert (again.code, again.out) == (
        0,
        f"nothing to do: {registry} holds what this project describes\n",
    )
    value = json.loads(schemareg("plan", "--registry", registry, "--format", "json").out)
    assert (value["command"], value["actions"], value["exit_code"]) == ("plan", [], 0)


def test_an_apply_that_stops_accounts_for_what_it_did(
    schemareg: Schemareg, shop: Path, registry: str
) -> None:
    assert schemareg("plan", "--registry", registry, "--out", "plan.json").code == 0
    with connect(registry) as client:
        client.set_mode(Mode.READONLY)
    to_registry = ("--registry", registry, "--yes")
    stopped = schemareg("apply", "plan.json", *to_registry, "--format", "json")
    account = json.loads(stopped.out)
    assert stopped.code == 3
    assert (account["exit_code"], account["missing"]) == (3, 2 - len(account["applied"]))
    assert "read-only mode" in account["failure"]["message"]
    assert stopped.err.endswith("apply the same plan again to do the rest\n")
    text = schemareg("apply", "plan.json", *to_registry)
    assert f"{account['missing']} actions of the plan not done" in text.out
    with connect(registry) as client:
        client.set_mode(Mode.READWRITE)
    assert schemareg("apply", "plan.json", *to_registry).code == 0


def test_stale_plan(schemareg: Schemareg, shop: Path, registry: str) -> None:
    assert schemareg("register", "--registry", registry).code == 0
    (shop / "schemas/Placed.avsc").write_text(GROWN, encoding="utf-8")
    assert schemareg("plan", "--registry", registry, "--out", "plan.json").code == 0
    with connect(registry) as client:
        client.set_level(CompatibilityLevel.NONE, Subject("orders-value"))
    answer = schemareg("apply", "plan.json", "--registry", registry, "--yes")
    assert (answer.code, answer.out) == (4, "")
    assert answer.err == (
        "schemareg: error: the registry has changed since the plan was made: the level of"
        " orders-value was FULL and is NONE; make the plan again, and review it\n"
    )


def test_plan_of_an_incompatible_change_is_not_written(
    schemareg: Schemareg, shop: Path, registry: str
) -> None:
    assert schemareg("register", "--registry", registry).code == 0
    (shop / "schemas/Placed.avsc").write_text(PLACED.replace("string", "int"), encoding="utf-8")
    answer = schemareg("plan", "--registry", registry, "--out", "plan.json")
    assert answer.code == 1
    assert "INCOMPATIBLE orders-value" in answer.out
    assert not (shop / "plan.json").exists()


REFUSED = [
    pytest.param(["plan"], "plan needs a registry to compare with", id="plan-without-registry"),
    pytest.param(["apply", "plan.json"], "apply needs a registry", id="apply-without-registry"),
    pytest.param(
        ["apply", "plan.json", "--registry", "http://127.0.0.1:9", "--yes"],
        "the plan was made for http://127.0.0.1",
        id="another-registry",
    ),
    pytest.param(
        ["apply", "plan.json", "--registry", "REGISTRY"],
        "apply needs a confirmation, and there is no terminal; add --yes",
        id="no-terminal",
    ),
    pytest.param(
        ["apply", "none.json", "--registry", "REGISTRY"],
        "none.json: the plan cannot be read: No such file or directory",
        id="no-plan",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_usage_errors(
    schemareg: Schemareg, shop: Path, registry: str, arguments: list[str], message: str
) -> None:
    assert schemareg("plan", "--registry", registry, "--out", "plan.json").code == 0
    answer = schemareg(*(registry if a == "REGISTRY" else a for a in arguments))
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_drift(schemareg: Schemareg, shop: Path, registry: str) -> None:
    assert schemareg("register", "--registry", registry).code == 0
    assert schemareg("pull", "--registry", registry).code == 0
    clean = schemareg("drift", "--registry", registry, "--all")
    assert (clean.code, clean.out) == (0, f"no drift: 1 subject compared with {registry}\n")
    with connect(registry) as client:
        client.register(Subject("orders-value"), GROWN)
        client.register(Subject("other-value"), '"string"')
    answer = schemareg(
        "drift", "--registry", registry, "--all", "--format", "json", "--metrics", "drift.prom"
    )
    assert answer.code == 1
    metrics = (shop / "drift.prom").read_text(encoding="utf-8").splitlines()
    labels = f'registry="{registry}",kind='
    assert [line for line in metrics if line.endswith(" 1") and "drift{" in line] == [
        f'schemareg_drift{{{labels}"drift-newer-version"}} 1',
        f'schemareg_drift{{{labels}"drift-unknown-version"}} 1',
        f'schemareg_drift{{{labels}"drift-unmanaged"}} 1',
    ]
    assert [(f["rule"], f["element"]) for f in json.loads(answer.out)["findings"]] == [
        ("drift-newer-version", "orders-value"),
        ("drift-unknown-version", "orders-value"),
        ("drift-unmanaged", "other-value"),
    ]


def test_apply_is_audited_and_rolled_back(schemareg: Schemareg, shop: Path, registry: str) -> None:
    who = {"GITHUB_ACTOR": "ada", "GITHUB_SHA": "c0ffee"}
    assert schemareg("register", "--registry", registry).code == 0
    (shop / "schemas/Placed.avsc").write_text(GROWN, encoding="utf-8")
    assert schemareg("plan", "--registry", registry, "--out", "plan.json").code == 0
    to_registry = ("--registry", registry, "--yes", "--audit", "audit.jsonl")
    done = schemareg("apply", "plan.json", *to_registry, environment=who)
    assert done.code == 0
    lines = (shop / "audit.jsonl").read_text(encoding="utf-8").splitlines()
    started, applied, finished = map(json.loads, lines)
    assert [line["event"] for line in (started, applied, finished)] == [
        "started",
        "applied",
        "finished",
    ]
    assert {
        (line["actor"], line["commit"], line["registry"]) for line in map(json.loads, lines)
    } == {("ada", "c0ffee", registry)}
    assert started["plan"] == json.loads((shop / "plan.json").read_text())["digest"]
    assert (applied["action"], applied["subject"], applied["version"], applied["id"]) == (
        "register",
        "orders-value",
        2,
        2,
    )
    undo = schemareg("rollback", "plan.json", "--registry", registry, "--out", "undo.json")
    assert (undo.code, undo.out) == (
        0,
        "+ orders-value: register version 3, again (minor)\n"
        "not undone: register version 2 (minor) of orders-value: the version itself\n"
        "  stays, because events of it may be anywhere\n"
        f"1 action to undo it in {registry}\n",
    )
    again = schemareg("apply", "undo.json", *to_registry, "--format", "json")
    assert again.code == 0
    (entry,) = json.loads(again.out)["applied"]
    assert (entry["version"], entry["is_new"]) == (3, True)
    assert len((shop / "audit.jsonl").read_text(encoding="utf-8").splitlines()) == 6


def test_environment_names_the_registry(schemareg: Schemareg, shop: Path, registry: str) -> None:
    config = CONFIG + f'[environments.staging]\nurl = "{registry}"\nlevel = "NONE"\n'
    (shop / "schemareg.toml").write_text(config, encoding="utf-8")
    made = schemareg("plan", "--environment", "staging")
    assert made.out.startswith("+ orders-value: register version 1; level BACKWARD → NONE\n")
    both = schemareg("plan", "--environment", "staging", "--registry", registry)
    assert (both.code, both.err) == (
        2,
        f"schemareg: error: two registries are named: '{registry}', and that of the environment"
        " 'staging'; leave out --registry (and SCHEMAREG_REGISTRY), or --environment\n",
    )
    secret = {"SCHEMAREG_REGISTRY_STAGING_TOKEN": "t"}
    refused = schemareg("plan", "-e", "staging", environment=secret)
    assert refused.code == 2
    assert "set SCHEMAREG_REGISTRY_STAGING_URL" in refused.err
    url = {**secret, "SCHEMAREG_REGISTRY_STAGING_URL": registry}
    assert schemareg("plan", "-e", "staging", environment=url).code == 0
    assert schemareg("plan", "-e", "stagin").code == 2


def test_promote_from_one_environment_to_another(
    schemareg: Schemareg, shop: Path, registry: str
) -> None:
    with EmbeddedRegistry() as production:
        environments = "".join(
            f'[environments.{name}]\nurl = "{url}"\n'
            for name, url in (("staging", registry), ("production", production.url))
        )
        (shop / "schemareg.toml").write_text(CONFIG + environments, encoding="utf-8")
        assert schemareg("register", "-e", "staging").code == 0
        made = schemareg("promote", "--from", "staging", "--to", "production", "--out", "p.json")
        assert (made.code, made.out) == (
            0,
            "+ orders-value: register version 1; level BACKWARD → FULL\n"
            f"2 actions in {production.url}; it has 0 versions of {registry} already\n",
        )
        assert schemareg("apply", "p.json", "-e", "production", "--yes").code == 0
        again = schemareg("promote", "--from", "staging", "--to", "production")
        assert again.out == (
            f"nothing to do in {production.url}; it has 1 version of {registry} already\n"
        )
        assert schemareg("apply", "p.json", "-e", "staging", "--yes").code == 2
        assert schemareg("promote", "--from", "staging", "--to", "staging").code == 2


def test_plan_shows_the_changes_in_every_format(
    schemareg: Schemareg, shop: Path, registry: str
) -> None:
    assert schemareg("register", "--registry", registry).code == 0
    (shop / "schemas/Placed.avsc").write_text(GROWN, encoding="utf-8")
    text = schemareg("plan", "--registry", registry).out
    assert text == (
        "+ orders-value: register version 2 (minor)\n"
        "    Placed.note: field added: string\n"
        f"1 version to register in {registry}\n"
    )
    for format in ("markdown", "html"):
        out = schemareg("plan", "--registry", registry, "--format", format).out
        assert "orders-value: register version 2 (minor)" in out
        assert "note: field added: string" in out
    (shop / "schemas/Placed.avsc").write_text(PLACED.replace("string", "int"), encoding="utf-8")
    for format in ("markdown", "html"):
        out = schemareg("plan", "--registry", registry, "--format", format).out
        assert "orders-value: register version 2 (major)" in out
        assert "this plan cannot be applied" in out
