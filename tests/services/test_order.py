"""The order of deployments: by who can read whom, with its way back, held against a simulation."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest

from schemareg.services.changes import Direction, changes_of
from schemareg.services.order import Order, Release, order_of
from schemareg.services.platform import Platform
from tests.services.conftest import Fields, MakePlatform, record
from tests.services.simulation import Simulation, Topic, parsed

LINE = """
[services.shop]
produces = [{ event = "shop.Placed", topic = "orders" }]
[services.till]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[topics.orders]
retention = "7d"
[topics.payments]
retention = "2d"
"""
BOTH_WAYS = """
[services.shop]
produces = [{ event = "shop.Placed", topic = "orders" }]
consumes = [{ event = "shop.Paid", topic = "payments" }]
[services.till]
produces = [{ event = "shop.Paid", topic = "payments" }]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[topics.orders]
retention = "7d"
[topics.payments]
retention = "2d"
"""
ID: Fields = {"id": "string"}
GROWN: Fields = {**ID, "note": ("string", "")}
NEEDED: Fields = {**ID, "note": "string"}
NUMBER: Fields = {"id": "int"}
WIDE: Fields = {"id": "long"}


def shown(release: Release) -> str:
    parts = [e.partition("@")[0].removeprefix("shop.") for e in release.events]
    return release.service if release.part is None else f"{release.service}/{release.part}:{parts}"


def waves(order: Order) -> list[list[str]]:
    return [sorted(map(shown, wave.releases)) for wave in order.waves]


@pytest.mark.parametrize(
    ("history", "proposed", "direction", "expected"),
    [
        ([ID], GROWN, Direction.TOGETHER, [["shop", "till"]]),
        ([NUMBER], WIDE, Direction.CONSUMERS_FIRST, [["till"], ["shop"]]),
        ([NEEDED], ID, Direction.CONSUMERS_FIRST, [["till"], ["shop"]]),
        ([ID], NEEDED, Direction.PRODUCERS_FIRST, [["shop"], ["till"]]),
        ([ID], {"id": "double"}, Direction.NONE, [["shop", "till"]]),
    ],
)
def test_direction_of_a_change(
    make_platform: MakePlatform,
    history: list[Fields],
    proposed: Fields,
    direction: Direction,
    expected: list[list[str]],
) -> None:
    (change,) = changes_of(make_platform(LINE, Placed=(history, proposed)))
    order = order_of([change])
    assert [r.direction for r in change.readers] == [direction]
    assert waves(order) == expected
    assert bool(order.blocked) is (direction is Direction.NONE)


def test_consumers_cannot_go_back_after_the_first_new_record(make_platform: MakePlatform) -> None:
    order = order_of(list(changes_of(make_platform(LINE, Placed=([NUMBER], WIDE)))))
    assert [wave.no_return for wave in order.waves] == [(), (("till", "shop.Placed"),)]
    assert waves(replace(order, waves=order.rollback())) == [["shop"], ["till"]]


def test_producers_first_waits_for_the_retention(make_platform: MakePlatform) -> None:
    order = order_of(list(changes_of(make_platform(LINE, Placed=([ID, ID], NEEDED)))))
    (before,) = order.waves[1].because
    assert (before.wait_for, before.retention_s) == ((1, 2), 604_800)
    assert [wave.no_return for wave in order.waves] == [(), ()]


@pytest.mark.parametrize(
    ("retention", "retained", "blocked"),
    [
        ('retention = "7d"', (1, 2), False),
        ("compacted = true", (1, 2), True),
        ('retention = "forever"', (1, 2), True),
        ("wiped = true", (2,), False),
    ],
)
def test_every_retained_version_counts(
    make_platform: MakePlatform, retention: str, retained: tuple[int, ...], blocked: bool
) -> None:
    manifest = LINE.replace('retention = "7d"', retention)
    history = [ID, {**ID, "x": ("int", 0)}]
    (change,) = changes_of(make_platform(manifest, Placed=(history, NEEDED)))
    assert (change.retained, bool(order_of([change]).blocked)) == (retained, blocked)


def test_version_that_nobody_reads_today_is_no_reason(make_platform: MakePlatform) -> None:
    history: list[Fields] = [{"id": "boolean"}, ID]
    (change,) = changes_of(make_platform(LINE, Placed=(history, GROWN)))
    assert change.readers[0].direction is Direction.TOGETHER
    assert change.readers[0].unreadable_before == (1,)


def test_two_services_in_a_cycle_are_released_in_parts(make_platform: MakePlatform) -> None:
    platform = make_platform(BOTH_WAYS, Placed=([NUMBER], WIDE), Paid=([NUMBER], WIDE))
    order = order_of(list(changes_of(platform)))
    assert waves(order) == [
        ["shop/reader:['Paid']"],
        ["till"],
        ["shop/writer:['Placed']"],
    ]
    assert order.split == ("shop",)


def test_service_that_reads_what_it_writes_is_released_in_parts(
    make_platform: MakePlatform,
) -> None:
    manifest = LINE.replace("till", "shop").replace("[services.shop]\nconsumes", "consumes", 1)
    order = order_of(list(changes_of(make_platform(manifest, Placed=([NUMBER], WIDE)))))
    assert waves(order) == [["shop/reader:['Placed']"], ["shop/writer:['Placed']"]]


def test_reader_schema_that_stays_is_judged_by_itself(
    make_platform: MakePlatform, tmp_path: object
) -> None:
    manifest = LINE.replace(
        'topic = "orders" }]\n[topics', 'topic = "orders", reader = "r.avsc" }]\n[topics'
    )
    platform = make_platform(manifest, Placed=([NEEDED], ID))
    path = platform.config.cwd / "r.avsc"
    path.write_text(record("Placed", ID), encoding="utf-8")
    (change,) = changes_of(platform)
    assert [(r.is_pinned, r.direction) for r in change.readers] == [(True, Direction.TOGETHER)]
    path.write_text(record("Placed", NEEDED), encoding="utf-8")
    platform.readers.clear()
    (change,) = changes_of(platform)
    assert [(r.is_pinned, r.direction) for r in change.readers] == [(True, Direction.NONE)]


def simulation(platform: Platform) -> Simulation:
    topics = {
        f"{e.event}@{e.topic}": Topic([parsed(v.text) for v in e.history], parsed(e.proposed.text))
        for e in platform.events()
        if e.proposed
    }
    producers, consumers = platform.manifest.producers(), platform.manifest.consumers()
    keys = [(e.event, e.topic) for e in platform.events()]
    return Simulation(
        topics,
        {f"{e}@{t}": [p.service for p in producers.get((e, t), ())] for e, t in keys},
        {f"{e}@{t}": [c.service for c in consumers.get((e, t), ())] for e, t in keys},
    )


TYPES: Sequence[object] = ("string", "int", "long", ["null", "string"])


def changed(chosen: random.Random, fields: dict[str, object]) -> dict[str, object]:
    """`fields` after one or two edits that people make."""
    fields = dict(fields)
    for _ in range(chosen.choice([1, 1, 2])):
        match chosen.randrange(4):
            case 0:
                fields[chosen.choice("abcd")] = (chosen.choice(["string", "int"]),)
            case 1:
                fields[chosen.choice("efgh")] = ("string", "x")
            case 2 if len(fields) > 1:
                del fields[chosen.choice(sorted(fields))]
            case _:
                name = chosen.choice(sorted(fields))
                fields[name] = {"int": "long", "long": "int"}.get(str(fields[name]), "string")
    return {n: t[0] if isinstance(t, tuple) and len(t) == 1 else t for n, t in fields.items()}


@pytest.mark.parametrize("seed", range(80))
def test_no_reader_meets_what_it_cannot_read(make_platform: MakePlatform, seed: int) -> None:
    chosen = random.Random(seed)
    start: dict[str, object] = {"id": "string", "n": "int", "m": ("int", 1)}
    manifest = chosen.choice([LINE, BOTH_WAYS])
    events: dict[str, tuple[list[Fields], Fields]] = {}
    for name in ("Placed", "Paid"):
        # what is registered can be read by those that run today
        events[name] = ([start], changed(chosen, start))
    platform = make_platform(manifest, **events)
    order = order_of(list(changes_of(platform)))
    if order.blocked:
        return
    for count in range(len(order.waves) + 1):
        running = simulation(platform)
        running.deploy(order.waves[:count])
        running.roll_back(order, count)
        assert running.unreadable == []


@pytest.mark.parametrize(
    ("history", "proposed"), [([NUMBER], WIDE), ([NEEDED], ID), ([ID], NEEDED)]
)
def test_other_orders_fail_in_the_same_simulation(
    make_platform: MakePlatform, history: list[Fields], proposed: Fields
) -> None:
    platform = make_platform(LINE, Placed=(history, proposed))
    order = order_of(list(changes_of(platform)))
    running = simulation(platform)
    running.deploy(order.rollback())
    assert running.unreadable != []
    at_once = simulation(platform)
    releases = tuple(r for wave in order.waves for r in wave.releases)
    at_once.deploy([replace(order.waves[0], releases=releases)])
    assert at_once.unreadable != []
