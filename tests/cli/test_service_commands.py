"""The commands about services, on the example platform."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest

from schemareg.report.json_schema import document_schema
from tests.cli.conftest import Schemareg

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def platform(here: Path) -> Path:
    """A copy of the example platform in the working directory."""
    shutil.copytree(REPOSITORY / "schemas", here / "schemas")
    shutil.copy(REPOSITORY / "schemareg.toml", here)
    return here


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def test_graph_of_the_example_has_no_finding(schemareg: Schemareg, platform: Path) -> None:
    answer = schemareg("graph", "--format", "json")
    value = json.loads(answer.out)
    jsonschema.validate(value, document_schema("graph"))
    assert (answer.code, value["findings"]) == (0, [])
    assert len(value["graph"]["services"]) == 10
    assert [c["services"] for c in value["cycles"]] == [
        ["inventory", "order", "payment", "shipping"]
    ]


def test_graph_around_a_service(schemareg: Schemareg, platform: Path) -> None:
    answer = schemareg("graph", "--around", "cart", "--draw", "mermaid")
    assert (answer.code, answer.out.splitlines()[:2]) == (0, ["flowchart LR", '  s0["product"]'])
    unknown = schemareg("graph", "--around", "carts")
    assert (unknown.code, "did you mean 'cart'?" in unknown.err) == (2, True)
    assert schemareg("graph", "--draw", "svgs").code == 2


def test_graph_needs_no_snapshot_and_the_order_does(schemareg: Schemareg, platform: Path) -> None:
    shutil.rmtree(platform / "schemas/registered")
    answer = schemareg("graph")
    assert answer.code == 0
    assert answer.out.splitlines()[-1].startswith("10 services, ")
    assert "there is no snapshot: no schema counts as registered" in answer.err
    for command in (("order",), ("rehearse",), ("can-i-deploy", "cart@1", "--to", "production")):
        assert schemareg(*command).code == 2, command


def test_a_field_that_only_a_registered_version_has_is_known(
    schemareg: Schemareg, platform: Path
) -> None:
    edit(platform / "schemas/events/order/OrderCancelled.avsc", '"reason"', '"cause"')
    assert schemareg("graph").code == 0
    shutil.rmtree(platform / "schemas/registered")
    answer = schemareg("graph")
    assert (answer.code, "has the field 'reason'" in answer.out) == (1, True)


def test_order_of_a_wider_field_puts_consumers_first(schemareg: Schemareg, platform: Path) -> None:
    schema = platform / "schemas/events/search/SearchPerformed.avsc"
    edit(
        schema,
        '"name": "durationMillis",\n      "type": "int"',
        '"name": "durationMillis",\n      "type": "long"',
    )
    answer = schemareg("order", "--format", "json")
    value = json.loads(answer.out)
    jsonschema.validate(value, document_schema("order"))
    assert answer.code == 0
    waves = [[r["service"] for r in wave["releases"]] for wave in value["order"]["waves"]]
    assert (waves[0][-1], waves[1]) == ("analytics", ["search"])
    text = schemareg("order")
    assert "after analytics: the old reader of analytics cannot read the new" in text.out
    assert max(map(len, text.out.splitlines())) <= 80


def test_order_of_another_type_is_a_plan(schemareg: Schemareg, platform: Path) -> None:
    schema = platform / "schemas/events/order/OrderCancelled.avsc"
    edit(
        schema,
        '"name": "orderId",\n      "type": "string"',
        '"name": "orderId",\n      "type": "long"',
    )
    answer = schemareg("order")
    assert answer.code == 1
    assert "plan for OrderCancelled on orders\n  1. expand: register a schema" in answer.out
    assert answer.out.splitlines()[-2].startswith("not deployable in one step: 3 changed events")


def test_order_that_a_level_refuses_is_not_called_deployable(
    schemareg: Schemareg, platform: Path
) -> None:
    schema = platform / "schemas/events/payment/PaymentFailed.avsc"
    edit(schema, '"name": "retryable",\n      "type": "boolean"',
         '"name": "retryable",\n      "type": ["boolean", "null"]')  # fmt: skip
    answer = schemareg("order")
    assert answer.code == 1
    assert "not deployable before a registry takes 1 schema: " in answer.out


def test_missing_manifest_is_a_usage_error(schemareg: Schemareg, platform: Path) -> None:
    (platform / "schemas/services.toml").unlink()
    answer = schemareg("order")
    assert (answer.code, answer.out) == (2, "")
    assert (
        "there is no manifest of the services: services.toml or schemas/services.toml" in answer.err
    )


def git(*arguments: str) -> None:
    identity = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *identity, *arguments], check=True, capture_output=True, timeout=60)


def test_impact_since_a_branch(schemareg: Schemareg, platform: Path) -> None:
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "a")
    git("branch", "base")
    schema = platform / "schemas/events/search/SearchPerformed.avsc"
    before, after = (f'"durationMillis",\n      "type": "{t}"' for t in ("int", "long"))
    edit(schema, before, after)
    git("commit", "-qam", "b")
    answer = schemareg("impact", "--against", "git:base", "--explain")
    assert (answer.code, answer.err) == (0, "schemareg: 1 file read, 1 judged, 0 passed over\n")
    assert "  schemas/events/search/SearchPerformed.avsc -> SearchPerformed:\n" in answer.out
    assert "uses durationMillis: type widened from int to long" in " ".join(answer.out.split())
    value = json.loads(schemareg("impact", "-a", "git:base", "--format", "json").out)
    jsonschema.validate(value, document_schema("impact"))
    assert value["waves"] == [["analytics"], ["search"]]
    assert [f["rule"] for f in value["findings"]] == ["one-version-only"]
    matrix = schemareg("impact", "-a", "git:base", "--pipeline", "github")
    assert matrix.out.startswith("any=true\ncount=2\nwaves=2\nmatrix=")


@pytest.mark.parametrize("glob", ["services/*/service.toml", "**/service.toml"])
def test_impact_of_a_part_of_the_manifest_that_was_deleted(
    schemareg: Schemareg, platform: Path, glob: str
) -> None:
    manifest = platform / "schemas/services.toml"
    text = manifest.read_text(encoding="utf-8")
    start, end = text.index("[services.search]"), text.index("[services.analytics]")
    part = platform / "schemas/services/search/service.toml"
    part.parent.mkdir(parents=True)
    part.write_text(text[start:end], encoding="utf-8")
    rest = text[:start] + text[end:]
    manifest.write_text(f'include = ["{glob}"]\n{rest}', encoding="utf-8")
    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "a")
    git("branch", "base")
    part.unlink()
    manifest.write_text(rest, encoding="utf-8")
    git("commit", "-qam", "b")
    answer = schemareg("impact", "--against", "git:base", "--format", "json")
    affected = json.loads(answer.out)["impact"]["affected"]
    assert [each["service"] for each in affected] == ["analytics"]


def test_impact_refuses_waves_that_no_order_makes_safe(
    schemareg: Schemareg, platform: Path
) -> None:
    schema = platform / "schemas/events/order/OrderCancelled.avsc"
    edit(schema, '"orderId",\n      "type": "string"', '"orderId",\n      "type": "long"')
    (platform / "files").write_text("", encoding="utf-8")
    given = ("impact", "-a", "snapshot", "--files-from", "files")
    answer = schemareg(*given, "--pipeline", "github")
    assert (answer.code, answer.out) == (1, "")
    assert "no order of whole services deploys com.company.events.OrderCancelled" in answer.err
    assert schemareg(*given).code == 0
    assert schemareg("impact", "-a", "snapshot").code == 2


def test_impact_in_a_clone_without_the_base_names_the_depth(
    schemareg: Schemareg, platform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "a")
    git("commit", "-q", "--allow-empty", "-m", "b")
    git("clone", "-q", "--depth", "1", platform.as_uri(), "clone")
    monkeypatch.chdir(platform / "clone")
    answer = schemareg("impact", "--against", "git:main~1")
    assert (answer.code, answer.out) == (2, "")
    assert "git fetch --deepen=100" in answer.err


def test_can_i_deploy_from_files(schemareg: Schemareg, platform: Path) -> None:
    name = ("cart@1", "--to", "production")
    unknown = schemareg("can-i-deploy", *name)
    assert (unknown.code, "do: schemareg record-version cart@1" in unknown.out) == (3, True)
    assert schemareg("can-i-deploy", *name, "--pact-exit-codes").code == 1
    assert schemareg("record-deployment", *name).code == 2
    producers = ("product@1", "search@1")
    assert schemareg("record-version", "cart@1", *producers).code == 0
    refused = schemareg("record-version", "analytics@1")
    assert (refused.code, "PageViewed@page-views has no registered version" in refused.err) == (
        2,
        True,
    )
    assert schemareg("record-deployment", *producers, "--to", "production", "--by", "ci").code == 0
    answer = schemareg("can-i-deploy", *name, "--format", "json")
    value = json.loads(answer.out)
    jsonschema.validate(value, document_schema("can-i-deploy"))
    assert (answer.code, value["deployable"]) == (0, "yes")
    again = schemareg("record-deployment", *producers, "--to", "production")
    assert again.err == "schemareg: schemas/deployments.json has that already\n"
    assert schemareg("can-i-deploy", "cart", "--to", "production").code == 2
    assert schemareg("can-i-deploy", "cart@1", "--to", "prod").code == 2


def test_can_i_deploy_from_a_database(schemareg: Schemareg, platform: Path) -> None:
    given = ("--deployments", "deployments.db")
    to = ("--to", "production")
    assert schemareg("record-version", "cart@1", "product@1", "search@1", *given).code == 0
    recorded = schemareg("record-deployment", "product@1", "search@1", *to, *given)
    assert (recorded.code, recorded.err) == (0, "schemareg: 2 recorded in deployments.db\n")
    answer = json.loads(schemareg("can-i-deploy", "cart@1", *to, *given, "--format", "json").out)
    assert answer["deployable"] == "yes"
    assert all(row["since"].endswith("+00:00") for row in answer["rows"])
    assert schemareg("can-i-deploy", "cart@1", *to).code == 3  # the file beside the manifest


@pytest.mark.parametrize("name", ["missing.json", "missing.db"])
@pytest.mark.parametrize(
    "command", [("can-i-deploy", "cart@1", "--to", "production"), ("catalog", "build")]
)
def test_records_that_were_named_and_are_not_there(
    schemareg: Schemareg, platform: Path, command: tuple[str, ...], name: str
) -> None:
    answer = schemareg(*command, "--deployments", name)
    assert (answer.code, answer.out) == (2, "")
    assert f"there are no records of deployments: {name}" in answer.err
    assert f"record-version SERVICE@VERSION --deployments {name}" in " ".join(answer.err.split())


def test_can_i_deploy_waits_for_what_is_not_recorded_yet(
    schemareg: Schemareg, platform: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ("cart@1", "--to", "production")
    producers = ("product@1", "search@1")
    waits: list[float] = []

    def meanwhile(seconds: float) -> None:
        waits.append(seconds)
        assert schemareg("record-version", "cart@1", *producers).code == 0
        assert schemareg("record-deployment", *producers, "--to", "production").code == 0

    monkeypatch.setattr("schemareg.cli.deployments.time.sleep", meanwhile)
    answer = schemareg("can-i-deploy", *name, "--retry-while-unknown", "600")
    assert (answer.code, waits) == (0, [5.0])
    assert "unknown; retrying for " in answer.err


def test_contracts_of_the_example_hold(schemareg: Schemareg, platform: Path) -> None:
    answer = schemareg(
        "contracts", "--format", "json", "--min-coverage", "100", "--badge", "badge.svg",
        "--trend", "trend.jsonl", "--write-pact", "pacts",
    )  # fmt: skip
    value = json.loads(answer.out)
    jsonschema.validate(value, document_schema("contracts"))
    assert (answer.code, value["findings"], value["coverage"]) == (0, [], 100.0)
    assert "event contracts: 100 %" in (platform / "badge.svg").read_text(encoding="utf-8")
    assert len((platform / "trend.jsonl").read_text(encoding="utf-8").splitlines()) == 1
    pacts = sorted((platform / "pacts").glob("*.json"))
    assert len(pacts) == 19
    given = [argument for path in pacts for argument in ("--pact", str(path))]
    again = schemareg("contracts", "--format", "json", *given)
    assert (again.code, json.loads(again.out)["findings"]) == (0, [])


def test_a_field_that_a_consumer_uses_is_removed(schemareg: Schemareg, platform: Path) -> None:
    edit(platform / "schemas/services.toml", '"orderId", "carrier"', '"orderId", "carriers"')
    answer = schemareg("contracts")
    assert answer.code == 1
    assert "carriers: the field is used," in " ".join(answer.out.split())


@pytest.mark.parametrize("kind", ["asyncapi", "eventcatalog", "backstage"])
def test_exported_services_are_imported_again(
    schemareg: Schemareg, platform: Path, kind: str
) -> None:
    target = "catalog-info.yaml" if kind == "backstage" else "out"
    first = schemareg("services", "export", target, "--as", kind)
    files = 1 if kind == "backstage" else 10
    assert (first.code, f"{files} of {files} files changed" in first.err) == (0, True), first.err
    again = schemareg("services", "export", target, "--as", kind)
    assert (again.code, f"0 of {files} files changed" in again.err) == (0, True)
    paths = [str(p) for p in Path("out").glob("*.yaml")] if kind == "asyncapi" else [target]
    found = schemareg("services", "import", *paths, "--as", kind, "--out", "services.toml")
    assert found.code == 0, found.err
    graph = schemareg("graph", "--format", "json", "--services", "services.toml")
    edges = json.loads(graph.out)["graph"]["edges"]
    assert len({(e["source"], e["target"]) for e in edges if e["kind"] == "event"}) == 19
    assert schemareg("services", "import", *paths, "--as", kind, "--out", "services.toml").code == 2


def test_rehearsal_refuses_the_wrong_order(schemareg: Schemareg, platform: Path) -> None:
    edit(
        platform / "schemas/events/search/SearchPerformed.avsc",
        '"name": "durationMillis",\n      "type": "int"',
        '"name": "durationMillis",\n      "type": "long"',
    )
    good = json.loads(schemareg("rehearse", "--format", "json").out)
    jsonschema.validate(good, document_schema("rehearse"))
    assert (good["exit_code"], good["unreadable"], good["lost"]) == (0, 0, 0)
    assert [wave for wave in good["waves"] if "search" in wave] == [["search"]]
    others = ",".join(name for wave in good["waves"] for name in wave if name != "search")
    bad = schemareg("rehearse", "--wave", "search", "--wave", others, "--history", "h.jsonl")
    assert bad.code == 1
    assert "durationMillis: the writer's long cannot be read as int" in " ".join(bad.out.split())
    assert '"kind": "unreadable"' in (platform / "h.jsonl").read_text(encoding="utf-8")
