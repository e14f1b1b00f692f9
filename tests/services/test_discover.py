"""Manifests proposed from a cluster: what it shows, and a question for what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemareg.services.discover import SeenGroup, SeenTopic, discovered, service_name
from schemareg.services.exchange import manifest_text
from schemareg.services.manifest_file import parse_manifest
from schemareg.workspace import Config

PLACED = SeenTopic("orders", {"shop.Placed": ("/shop/order",)}, 10)
BILLING = SeenGroup("billing", ("orders",), ("billing-1",))

CASES = [
    pytest.param(
        [PLACED], [BILLING], "",
        [("order", "produces", "shop.Placed"), ("billing", "consumes", "shop.Placed")],
        [
            "is the group 'billing' a service of that name? its clients are 'billing-1'",
            "which fields does the group 'billing' use?",
            "is 'order' the service that produces shop.Placed to 'orders'? its records name the"
            " source '/shop/order'",
        ],
        id="both-ends",
    ),
    pytest.param(
        [SeenTopic("orders", {"shop.Placed": ()}, 1)], [], "it refuses",
        [],
        [
            "the cluster does not describe its groups (it refuses): who consumes?",
            "who produces shop.Placed to 'orders'? records do not name their producer",
        ],
        id="nobody-is-named",
    ),
    pytest.param(
        [SeenTopic("empty", {}, 0), SeenTopic("odd", {}, 5, unframed=3, unknown=2)],
        [SeenGroup("idle", (), ()), SeenGroup("other", ("odd", "elsewhere"), ("c",))], "",
        [],
        [
            "the group 'idle' reads no topic: is it still in use?",
            "the group 'other' reads no topic with known events: what does it read?",
            "the topic 'empty' holds no record: which events go there?",
            "3 of 5 records on 'odd' name no schema: what are they?",
            "2 of 5 records on 'odd' name a schema that the registry lacks",
        ],
        id="nothing-known",
    ),
    pytest.param(
        [SeenTopic("orders", {"shop.A": ("a",), "shop.B": ("a", "b")}, 9)],
        [SeenGroup("mail\x1b\n\"", ("orders",), ())], "",
        [
            ("a", "produces", "shop.A"), ("a", "produces", "shop.B"), ("b", "produces", "shop.B"),
            ("mail\x1b\n\"", "consumes", "shop.A"), ("mail\x1b\n\"", "consumes", "shop.B"),
        ],
        [
            "the group 'mail\\x1b\\n\"' has no member now: is it still in use?",
            "which of the 2 events on 'orders' does the group 'mail\\x1b\\n\"' use? all are"
            " listed",
            "which fields does the group 'mail\\x1b\\n\"' use?",
            "is 'a' the service that produces shop.A to 'orders'? its records name the source 'a'",
            "is 'a' the service that produces shop.B to 'orders'? its records name the source 'a'",
            "is 'b' the service that produces shop.B to 'orders'? its records name the source 'b'",
        ],
        id="two-events-and-a-hostile-name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("topics", "groups", "refused", "uses", "questions"), CASES)
def test_what_a_cluster_shows(
    tmp_path: Path, topics: list[SeenTopic], groups: list[SeenGroup], refused: str,
    uses: list[tuple[str, str, str]], questions: list[str],
) -> None:  # fmt: skip
    found = discovered(topics, groups, refused=refused)
    assert list(found.questions) == questions
    text = manifest_text(found)
    read = parse_manifest(text.encode(), tmp_path / "services.toml", Config(cwd=tmp_path))
    assert read.problems == ()
    services = read.manifest.services.values()
    written = [(s.name, "produces", p.event) for s in services for p in s.produces]
    written += [(s.name, "consumes", c.event) for s in services for c in s.consumes]
    assert sorted(written) == sorted(uses)


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("/shop/order", "order"),
        ("https://shop.example/order/", "order"),
        ("urn:shop:order", "order"),
        ("order", "order"),
        ("/", "/"),
    ],
)
def test_service_of_a_source(source: str, name: str) -> None:
    assert service_name(source) == name
