"""Modules: the same name in two of them means two types, each with a subject of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemareg.errors import UsageError
from schemareg.pytest_plugin.names import Names
from schemareg.schema_catalog import load_catalog
from schemareg.workspace import Config, Project, build_project, load_config
from schemareg.workspace.config_file import parse_config

TWO = """
[modules.common]
roots = ["common"]
prefix = ""
[modules.billing]
roots = ["billing"]
uses = ["common"]
[modules.orders]
roots = ["orders"]
uses = ["common"]
"""


def record(name: str, /, **fields: object) -> bytes:
    given = [{"name": field, "type": type_} for field, type_ in fields.items()]
    return json.dumps(
        {"type": "record", "name": name, "namespace": "shop", "fields": given}
    ).encode()


def config_of(toml: str) -> Config:
    home = Path("/project")
    return parse_config(toml.encode(), home / "schemareg.toml", home)


def project_of(toml: str, files: dict[str, bytes]) -> Project:
    return build_project([*files.items()], config_of(toml))


ADDRESSES = {
    "common/Money.avsc": record("Money", cents="long"),
    "billing/Address.avsc": record("Address", street="string"),
    "billing/Sent.avsc": record("Sent", to="Address", sum="Money"),
    "orders/Address.avsc": record("Address", box="int"),
    "orders/Placed.avsc": record("Placed", to="Address", sum="Money"),
}
TOPICS = '[topics.invoices]\nevents = ["shop.Sent"]\n[topics.orders]\nevents = ["shop.Placed"]\n'


def test_one_name_in_two_modules_is_two_subjects() -> None:
    project = project_of(TWO + TOPICS, ADDRESSES)
    assert project.failures == ()
    assert {s.subject: [of for _, of in s.references] for s in project.subjects} == {
        "shop.Money": [],
        "billing.shop.Address": [],
        "invoices-value": ["billing.shop.Address", "shop.Money"],
        "orders.shop.Address": [],
        "orders-value": ["orders.shop.Address", "shop.Money"],
    }
    placed = next(s for s in project.subjects if s.subject == "orders-value")
    assert [f.name for f in placed.schema.references[1].root.fields] == ["box"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        pytest.param(
            {"orders/Placed.avsc": record("Placed", by="Sent")},
            {"orders/Placed.avsc": "unknown type 'shop.Sent'"},
            id="a module that is not used",
        ),
        pytest.param(
            {"orders/Again.avsc": record("Address", box="long")},
            {
                "orders/Again.avsc": "'shop.Address' is already defined at"
                " orders/Address.avsc:1:1, differently",
            },
            id="two definitions in one module",
        ),
        pytest.param(
            {"orders/Again.avsc": record("Address", box="int")}, {}, id="copies in one module"
        ),
        pytest.param(
            {
                "common/Address.avsc": record("Address", zip="string"),
                "common/Person.avsc": record("Person", home="Address"),
                "orders/Placed.avsc": record("Placed", by="Person", to="Address"),
            },
            {
                "orders/Placed.avsc": "'shop.Address' means two types here: that of"
                " common/Address.avsc and that of orders/Address.avsc"
            },
            id="two meanings in one schema",
        ),
        pytest.param(
            {
                "common/Address.avsc": record("Address", box="int"),
                "common/Person.avsc": record("Person", home="Address"),
                "orders/Placed.avsc": record("Placed", by="Person", to="Address"),
            },
            {},
            id="copies in one schema",
        ),
        pytest.param(
            {"common/Money.avsc": b"{"},
            {"common/Money.avsc": "not JSON"},
            id="a used file with problems is the only one reported",
        ),
    ],
)
def test_names_of_a_module(files: dict[str, bytes], refused: dict[str, str]) -> None:
    project = project_of(TWO, dict(sorted((ADDRESSES | files).items())))
    found = {f.location.path: str(f.message) for f in project.failures if f.location}
    expected = {path: text for path, text in refused.items() if text}
    assert found.keys() == expected.keys()
    for path, text in expected.items():
        assert found[path].startswith(text)


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        (
            '[topics.a]\nevents = ["shop.Address"]',
            "topics.a: 'shop.Address' is of several modules: billing, orders",
        ),
        (
            '[topics.a]\nmodule = "bill"\nevents = ["X"]',
            "topics.a.module: there is no module 'bill'",
        ),
        (
            '[topics.a]\nmodule = "orders"\nevents = ["shop.Sent"]',
            "topics.a.events: no schema file defines 'shop.Sent'",
        ),
        (
            '[topics.a]\nstrategy = "record"\nmodule = "orders"\nevents = ["shop.Address"]\n'
            '[topics.b]\nstrategy = "record"\nmodule = "billing"\nevents = ["shop.Address"]',
            "modules: billing/Address.avsc and orders/Address.avsc are both the subject"
            " shop.Address",
        ),
        ("[modules.a]\nuses = []", "modules.a.roots: a module without roots"),
        ('[modules.a]\nroots = ["orders"]', "modules.a.roots: a root of the module 'orders'"),
        (
            '[modules.a]\nroots = ["a"]\nuses = ["a"]',
            "modules.a.uses: there is no other module 'a'",
        ),
        (
            '[modules.a]\nroots = ["a"]\nuses = ["b"]\n[modules.b]\nroots = ["b"]\nuses = ["a"]',
            "modules.a.uses: these modules use each other in a cycle: a → b → a",
        ),
    ],
)
def test_modules_refused(toml: str, message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        project_of(f"{TWO}\n{toml}", ADDRESSES)
    assert refusal.value.message.startswith(message)


def test_a_union_of_a_topic_gives_each_name_one_meaning() -> None:
    files = ADDRESSES | {
        "common/Address.avsc": record("Address", zip="string"),
        "common/Moved.avsc": record("Moved", to="Address"),
    }
    toml = TWO + '[topics.t]\nmodule = "orders"\nevents = ["shop.Placed", "shop.Moved"]'
    with pytest.raises(UsageError, match=r"topics\.t\.events: 'shop.Address' means two types"):
        project_of(toml, files)


def test_topics_of_files_are_of_their_module() -> None:
    files = {
        "billing/sent-value.avsc": record("Event", a="int"),
        "orders/placed-value.avsc": record("Event", b="int"),
    }
    project = project_of(f"topics_by_file = true\n{TWO}", files)
    assert {s.subject: s.file and s.file.path for s in project.subjects} == {
        "sent-value": "billing/sent-value.avsc",
        "placed-value": "orders/placed-value.avsc",
    }


def test_versions_in_the_files_of_two_modules() -> None:
    files = {
        f"{module}/Address-v{n}.avsc": record("Address", **{f"f{n}": kind})
        for module, kind in (("billing", "int"), ("orders", "string"))
        for n in (1, 2)
    }
    project = project_of(f'versions = ["files"]\n{TWO}', files)
    assert {s.subject: [e.file.path for e in s.earlier] for s in project.subjects} == {
        "billing.shop.Address": ["billing/Address-v1.avsc"],
        "orders.shop.Address": ["orders/Address-v1.avsc"],
    }


def test_a_test_names_the_module_where_two_define_an_event(tmp_path: Path) -> None:
    for path, text in ADDRESSES.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(text)
    more = '[topics.moves]\nmodule = "orders"\nevents = ["shop.Address"]\n'
    (tmp_path / "schemareg.toml").write_text(TWO + more, encoding="utf-8")
    config = load_config(None, tmp_path)
    catalog = load_catalog((), config=config)
    names = Names(catalog, config)
    names.check_event_on("orders:shop.Address", "moves")
    with pytest.raises(UsageError, match=r"does not allow billing:shop\.Address"):
        names.check_event_on("billing:shop.Address", "moves")
    with pytest.raises(UsageError, match=r"'shop\.Address' is the name of several types"):
        names.check_event_on("shop.Address", "moves")
    assert catalog.find("Money").name == catalog.find("shop.Money").fullname == "shop.Money"
