"""The first configuration: from a directory or a registry, to a green lint and an empty plan."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from schemareg.registry import RegistryClient, connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.subjects import CompatibilityLevel, Reference, Subject, Version
from schemareg.workspace import files, load_config, load_project
from tests.cli.conftest import Schemareg

TOP = Path(__file__).parents[2]


def record(name: str, *fields: tuple[str, object]) -> str:
    found = [{"name": n, "type": t} for n, t in fields]
    return json.dumps({"type": "record", "name": name, "fields": found})


@pytest.fixture
def registry() -> Iterator[RegistryClient]:
    """What stock clients of several teams have registered, with shared and odd subjects."""
    with EmbeddedRegistry() as server, connect(server.url) as client:
        client.set_level(CompatibilityLevel.FULL)
        client.register(Subject("shop.Money"), record("shop.Money", ("amount", "long")))
        money = Reference("shop.Money", Subject("shop.Money"), Version(1))
        order = record("shop.Order", ("total", "shop.Money"))
        client.register(Subject("orders-value"), order, references=[money])
        client.register(Subject("orders-key"), '"string"')
        client.register(Subject("paid-shop.Paid"), record("shop.Paid", ("id", "long")))
        client.register(Subject("paid-shop.Failed"), record("shop.Failed", ("id", "long")))
        client.register(Subject("carts-value"), record("Cart", ("id", "long")))
        client.set_level(CompatibilityLevel.NONE, Subject("carts-value"))
        client.register(Subject("odd"), record("shop.Odd", ("id", "long")))
        client.register(Subject("list-value"), '{"type":"array","items":"long"}')
        yield client


def test_init_from_a_registry_ends_green(
    schemareg: Schemareg, here: Path, registry: RegistryClient
) -> None:
    done = schemareg("init", "--registry", registry.shown_as)
    assert done.code == 0, done.err
    assert done.out.endswith("next: schemareg lint, then schemareg plan\n")
    assert (here / "schemareg.toml").read_text(encoding="utf-8") == (
        "# Which event schemas there are, where they go, and what is promised about them.\n"
        'roots = ["schemas"]\n'
        'snapshot = "schemas/registered"\n'
        'level = "FULL"\n'
        f'registry = "{registry.shown_as}"\n'
        "\n"
        '[topics."carts"]\n'
        'events = ["Cart"]\n'
        "\n"
        '[topics."orders"]\n'
        'events = ["shop.Order"]\n'
        'key = "string"\n'
        "\n"
        '[topics."paid"]\n'
        'strategy = "topic-record"\n'
        'events = ["shop.Failed", "shop.Paid"]\n'
        "\n"
        '[subjects."carts-value"]\n'
        'level = "NONE"\n'
    )
    out = " ".join(done.out.split())
    assert "odd: not described by a file: no strategy gives shop.Odd this subject" in out
    assert "list-value: not described by a file: its schema has no name" in out
    assert schemareg("lint").code == 0
    plan = schemareg("plan", "--detailed-exitcode")
    assert (plan.code, plan.out) == (
        0,
        f"nothing to do: {registry.shown_as} holds what this project describes\n",
    )
    assert schemareg("check", "--against", "snapshot").code == 0
    again = schemareg("init", "--registry", registry.shown_as)
    assert (again.code, again.out) == (2, "")


def test_init_that_cannot_write_all_leaves_nothing(
    schemareg: Schemareg, here: Path, registry: RegistryClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = files._write_new

    def full(path: Path, content: bytes, *, flush: bool) -> None:
        if "registered" in path.parts:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content, flush=flush)

    with monkeypatch.context() as disk:
        disk.setattr(files, "_write_new", full)
        done = schemareg("init", "--registry", registry.shown_as)
    assert (done.code, "No space left on device" in done.err) == (2, True)
    assert [path.name for path in here.iterdir()] == []
    assert schemareg("init", "--registry", registry.shown_as).code == 0


def test_init_of_the_managed_part(
    schemareg: Schemareg, here: Path, registry: RegistryClient
) -> None:
    done = schemareg("init", "--registry", registry.shown_as, "--managed", "carts-*")
    assert done.code == 0
    assert sorted(p.name for p in (here / "schemas").glob("*.avsc")) == ["Cart.avsc"]
    assert 'managed = ["carts-*"]' in (here / "schemareg.toml").read_text(encoding="utf-8")


def test_init_from_a_directory_ends_green(schemareg: Schemareg, here: Path) -> None:
    (here / "events").mkdir()
    (here / "events/Cart.avsc").write_text(record("Cart", ("a", "double")), encoding="utf-8")
    assert schemareg("lint", "events").code in (0, 1)
    done = schemareg("init")
    assert done.code == 0
    assert done.out.endswith(
        "next: schemareg lint, then commit, and schemareg check at each change\n"
    )
    assert load_config(None, here).roots == (here / "events",)
    assert schemareg("lint", "--fail-on", "warning").code == 0


def test_init_takes_what_a_build_compiles(schemareg: Schemareg, here: Path) -> None:
    for path in (
        "orders/src/main/avro/a/A.avsc",
        "billing/src/main/resources/avro/B.avsc",
        "orders/src/test/avro/C.avsc",
        "orders/target/classes/D.avsc",
        "orders/src/main/resources/E.avsc",
    ):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        (here / path).write_text(record(f"shop.{Path(path).stem}"), encoding="utf-8")
    done = schemareg("init")
    assert done.code == 0, done.err
    roots = load_config(None, here).roots
    assert [root.relative_to(here).as_posix() for root in roots] == [
        "billing/src/main/resources/avro",
        "orders/src/main/avro",
    ]
    assert "orders/src/test/avro/C.avsc: info schema-outside-of-the-roots" in done.out
    assert "orders/target/classes/D.avsc: info schema-outside-of-the-roots" in done.out
    assert (
        "orders/src/main/resources/E.avsc: info schema-outside-of-the-roots\n"
        "    not of this project: the roots are src/main/avro and src/main/resources/avro\n"
        "    of each module\n"
    ) in done.out
    assert "2 schemas from the schemas here" in done.out


@pytest.mark.parametrize(
    ("files", "versions"),
    [
        ({"s/v1/A.avsc": "shop.A", "s/v2/A.avsc": "shop.A"}, ["folders"]),
        ({"s/A-v1.avsc": "shop.A", "s/A-v2.avsc": "shop.A"}, ["files"]),
        ({"s/a.avsc": "shop.v1.A", "s/b.avsc": "shop.v2.A"}, ["namespaces"]),
        ({"s/1/A.avsc": "shop.v1.A", "s/2/A.avsc": "shop.v2.A"}, ["folders", "namespaces"]),
        ({"s/part-1.avsc": "shop.A", "s/part-2.avsc": "shop.B"}, []),
        ({"s/v1/A.avsc": "shop.A", "s/v2/B.avsc": "shop.B"}, []),
    ],
)
def test_init_recognizes_versions(
    schemareg: Schemareg, here: Path, files: dict[str, str], versions: list[str]
) -> None:
    for number, (path, name) in enumerate(files.items()):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        more = [("b", ["null", "int"])] * number
        (here / path).write_text(record(name, ("a", "int"), *more), encoding="utf-8")
    done = schemareg("init")
    assert done.code == 0, done.err
    assert list(load_config(None, here).versions) == versions
    assert ("versions recognized: 1 earlier file" in done.out) == bool(versions)


def test_init_without_any_schema_is_refused(schemareg: Schemareg, here: Path) -> None:
    answer = schemareg("init")
    assert (answer.code, answer.out) == (2, "")
    assert "there is no schema (*.avsc, *.avpr, *.avdl) file" in answer.err
    assert list(here.iterdir()) == []


def test_the_domain_of_this_repository_makes_the_round_trip(
    schemareg: Schemareg, here: Path
) -> None:
    """Registered from its files, written into others: the same subjects, and nothing to plan."""
    config = TOP / "schemareg.toml"
    with EmbeddedRegistry() as server:
        url = ("--registry", server.url)
        assert schemareg("register", "--config", str(config), *url).code == 0
        done = schemareg("init", *url, "--format", "json")
        # no registry knows which topic carries events whose subjects are their names
        notes = [(n["element"], n["message"]) for n in json.loads(done.out)["notes"]]
        assert notes == [
            ("shipments-key", "not described by a file: its topic has no value"),
        ]
        plan = schemareg("plan", "--detailed-exitcode")
        assert (plan.code, plan.out) == (
            0,
            f"nothing to do: {server.url} holds what this project describes\n",
        )
        project = load_project(load_config(None, here))
        before = load_project(load_config(config, TOP))
        left = {s.subject for s in before.subjects} - {s.subject for s in project.subjects}
        assert left == {"shipments-key"}


def test_init_writes_modules_where_a_build_has_one_name_twice(
    schemareg: Schemareg, here: Path
) -> None:
    for module, address, event in (
        ("billing", "street", "Sent"),
        ("orders", "box", "Placed"),
    ):
        folder = here / module / "src/main/avro"
        folder.mkdir(parents=True)
        (folder / "Address.avsc").write_text(record("shop.Address", (address, "string")))
        (folder / f"{event}.avsc").write_text(
            record(f"shop.{event}", ("to", "shop.Address"), ("sum", "shop.Money"))
        )
    common = here / "common/src/main/avro"
    common.mkdir(parents=True)
    (common / "Money.avsc").write_text(record("shop.Money", ("cents", "long")))
    done = schemareg("init")
    assert done.code == 0, done.err
    written = (here / "schemareg.toml").read_text(encoding="utf-8")
    assert written.partition("different ways: each has names of its own.\n")[2] == (
        '[modules."common"]\n'
        'roots = ["common/src/main/avro"]\n'
        'prefix = ""\n'
        '[modules."billing"]\n'
        'roots = ["billing/src/main/avro"]\n'
        'uses = ["common"]\n'
        '[modules."orders"]\n'
        'roots = ["orders/src/main/avro"]\n'
        'uses = ["common"]\n'
    )
    assert "\nroots" not in written.partition("[modules")[0]
    assert schemareg("lint").code == 0
    assert [s.subject for s in load_project(load_config(None, here)).subjects] == [
        "shop.Money",
        "billing.shop.Address",
        "billing.shop.Sent",
        "orders.shop.Address",
        "orders.shop.Placed",
    ]


def test_init_folds_what_is_outside_and_counts_what_the_baseline_accepts(
    schemareg: Schemareg, here: Path
) -> None:
    for path in ("src/main/avro/A.avsc", *(f"src/test/avro/B{at}.avsc" for at in range(9))):
        (here / path).parent.mkdir(parents=True, exist_ok=True)
        text = record(f"shop.{Path(path).stem}", ("paidAt", "long"))
        (here / path).write_text(text, encoding="utf-8")
    done = schemareg("init")
    assert done.code == 0, done.err
    assert done.out.count(": info schema-outside-of-the-roots") == 3
    assert "6 more files outside of the roots (--verbose lists them)" in done.out
    assert "1 schema from the schemas here; 1 finding accepted in the baseline\n" in done.out
    (here / "schemareg.toml").unlink()
    (here / "schemareg-baseline.json").unlink()
    assert schemareg("init", "--verbose").out.count(": info schema-outside-of-the-roots") == 9


def test_init_reports_the_errors_that_no_baseline_accepts(schemareg: Schemareg, here: Path) -> None:
    (here / "schemas").mkdir()
    (here / "schemas" / "A.avsc").write_text(record("shop.A", ("paidAt", "long")), encoding="utf-8")
    (here / "schemas" / "B.avsc").write_text(record("shop.B", ("of", "Money")), encoding="utf-8")
    (here / "schemas" / "C.avsc").write_text("{", encoding="utf-8")
    done = schemareg("init")
    assert done.code == 0, done.err
    assert done.out.endswith(
        "3 schemas from the schemas here; 1 finding accepted in the baseline\n"
        "2 errors that no baseline accepts: see schemareg lint\n"
        "next: schemareg lint, then commit, and schemareg check at each change\n"
    )
    assert schemareg("lint").out.count(" error ") == 2
