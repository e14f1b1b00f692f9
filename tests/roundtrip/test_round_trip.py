"""One body of round trips, over the embedded broker, a real one in a container, and HOST:PORT."""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest

from schemareg.avro import parse
from schemareg.avro.schema import JsonValue, Schema
from schemareg.brokers.broker import Broker
from schemareg.brokers.embedded import EmbeddedBroker
from schemareg.roundtrip.runner import Cell, CellVerdict, Reader, Writing, round_trip
from schemareg.sampling.edges import edge_cases
from schemareg.sampling.sample import sample
from schemareg.subjects import SchemaId, Subject, Version
from schemareg.wire import Framing


def record(*fields: JsonValue, name: str = "OrderCreated") -> Schema:
    return parse(json.dumps({"type": "record", "name": name, "fields": list(fields)}))


def status(*symbols: str, default: str | None = None) -> JsonValue:
    enum: dict[str, JsonValue] = {"type": "enum", "name": "Status", "symbols": list(symbols)}
    if default:
        enum["default"] = default
    return {"name": "status", "type": enum}


ID: JsonValue = {"name": "orderId", "type": "string"}
AMOUNT: JsonValue = {
    "name": "amount",
    "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
}
PLACED: JsonValue = {
    "name": "placedAt",
    "type": {"type": "long", "logicalType": "timestamp-millis"},
}

V1 = record(ID, status("NEW", "PAID"))
V2 = record(
    ID, status("NEW", "PAID"), {"name": "note", "type": ["null", "string"], "default": None}
)
V3 = record(
    {"name": "id", "type": "string", "aliases": ["orderId"]},
    status("NEW", "PAID", "SENT", default="NEW"),
)
RETYPED = record({"name": "orderId", "type": "long"}, status("NEW", "PAID"))
PRICED = record(ID, AMOUNT, PLACED)

GUID = UUID("0f36a1e2-6fb1-4c0e-8a40-8f1f0d9f3f11")

V1_EVENTS = (
    ("new", {"orderId": "o-1", "status": "NEW"}),
    ("paid", {"orderId": "ö-2", "status": "PAID"}),
)
V2_EVENTS = (
    ("no note", {"orderId": "o-3", "status": "NEW", "note": None}),
    ("note", {"orderId": "o-4", "status": "PAID", "note": "ring twice"}),
)
V3_EVENTS = (
    ("new", {"id": "o-5", "status": "NEW"}),
    ("sent", {"id": "o-6", "status": "SENT"}),
)
PRICED_EVENTS = (
    (
        "priced",
        {
            "orderId": "o-7",
            "amount": Decimal("-12.30"),
            "placedAt": datetime(2026, 11, 20, 8, 30, 0, 125000, tzinfo=UTC),
        },
    ),
)
STRING_KEY = parse('"string"')


def writing(
    version: int,
    schema: Schema,
    events: tuple[tuple[str, object], ...],
    *readers: tuple[str, Schema],
    topic: str = "orders",
    is_key: bool = False,
    framings: tuple[Framing, ...] = (Framing.ID,),
) -> Writing:
    return Writing(
        subject=Subject(f"{topic}-{'key' if is_key else 'value'}"),
        topic=topic,
        version=Version(version),
        schema_id=SchemaId(100 + version),
        schema=schema,
        events=events,
        readers=tuple(Reader(label, reader) for label, reader in readers),
        is_key=is_key,
        framings=framings,
        guid=GUID if Framing.GUID in framings else None,
    )


ALL = (("version 1", V1), ("version 2", V2), ("version 3", V3))

# writing, then per reader: outcome, and how many events came back equal, evolved, refused
TABLE = [
    pytest.param(
        writing(1, V1, V1_EVENTS, *ALL),
        [
            ("version 1", CellVerdict.EQUAL, (2, 0, 0)),
            ("version 2", CellVerdict.EVOLVED, (0, 2, 0)),
            ("version 3", CellVerdict.EVOLVED, (0, 2, 0)),
        ],
        id="first-version",
    ),
    pytest.param(
        writing(2, V2, V2_EVENTS, *ALL),
        [
            ("version 1", CellVerdict.EVOLVED, (0, 2, 0)),
            ("version 2", CellVerdict.EQUAL, (2, 0, 0)),
            ("version 3", CellVerdict.EVOLVED, (0, 2, 0)),
        ],
        id="field-added",
    ),
    pytest.param(
        writing(3, V3, V3_EVENTS, ("version 1", V1), ("version 3", V3)),
        [
            # a reader of version 1 knows neither the name id nor the symbol SENT
            ("version 1", CellVerdict.REFUSED, (0, 0, 2)),
            ("version 3", CellVerdict.EQUAL, (2, 0, 0)),
        ],
        id="renamed-and-grown",
    ),
    pytest.param(
        writing(1, V1, V1_EVENTS, ("broken", RETYPED)),
        [("broken", CellVerdict.REFUSED, (0, 0, 2))],
        id="type-changed",
    ),
    pytest.param(
        writing(1, PRICED, PRICED_EVENTS, ("version 1", PRICED), topic="prices"),
        [("version 1", CellVerdict.EQUAL, (1, 0, 0))],
        id="logical-types",
    ),
    pytest.param(
        writing(1, V1, V1_EVENTS, ("version 1", V1), ("version 2", V2), framings=(Framing.GUID,)),
        [
            ("version 1", CellVerdict.EQUAL, (2, 0, 0)),
            ("version 2", CellVerdict.EVOLVED, (0, 2, 0)),
        ],
        id="guid-in-header",
    ),
    pytest.param(
        writing(1, STRING_KEY, (("key", "o-1"), ("empty", "")), ("same", STRING_KEY), is_key=True),
        [("same", CellVerdict.EQUAL, (2, 0, 0))],
        id="key",
    ),
    pytest.param(
        writing(
            1,
            STRING_KEY,
            (("key", "o-1"),),
            ("same", STRING_KEY),
            is_key=True,
            framings=(Framing.GUID,),
        ),
        [("same", CellVerdict.EQUAL, (1, 0, 0))],
        id="key-with-guid-in-header",
    ),
]


def run() -> str:
    return secrets.token_hex(4)


def told(cells: list[Cell]) -> list[tuple[str, CellVerdict, tuple[int, int, int]]]:
    return [(c.reader, c.verdict, (c.equal, c.evolved, c.refused)) for c in cells]


@pytest.mark.parametrize(("sent", "expected"), TABLE)
def test_round_trip(
    broker: Broker, sent: Writing, expected: list[tuple[str, CellVerdict, tuple[int, int, int]]]
) -> None:
    cells = list(round_trip(broker, [sent], run=run()))
    assert told(cells) == expected
    assert [cell.different for cell in cells] == [0] * len(cells)


def test_round_trip_of_everything_at_once_keeps_the_order(broker: Broker) -> None:
    writings = [param.values[0] for param in TABLE]
    expected = [line for param in TABLE for line in param.values[1]]  # type: ignore[union-attr]
    heard: list[int] = []
    cells = list(round_trip(broker, writings, run=run(), progress=heard.append))  # type: ignore[arg-type]
    assert told(cells) == expected
    assert sum(heard) == 14


def test_one_writing_may_be_more_than_the_broker_keeps(broker: Broker) -> None:
    note = "n" * 1_000
    events = tuple(
        (f"{number}", {"orderId": f"o-{number}", "status": "NEW", "note": note})
        for number in range(8_000)
    )
    (cell,) = round_trip(broker, [writing(2, V2, events, ("version 2", V2))], run=run())
    assert (cell.verdict, cell.equal) == (CellVerdict.EQUAL, 8_000)


def test_refusal_shows_event_and_bytes(broker: Broker) -> None:
    (cell,) = round_trip(broker, [writing(1, V1, V1_EVENTS, ("broken", RETYPED))], run=run())
    assert cell.trouble is not None
    assert cell.trouble.event_name == "new"
    assert cell.trouble.event == {"orderId": "o-1", "status": "NEW"}
    assert cell.trouble.body == b"\x06o-1\x00"
    assert "orderId" in cell.trouble.message


def test_event_that_does_not_fit_its_writer_is_different(broker: Broker) -> None:
    events = (("wrong", {"orderId": 7, "status": "NEW"}), *V1_EVENTS)
    (cell,) = round_trip(broker, [writing(1, V1, events, ("version 1", V1))], run=run())
    assert (cell.verdict, cell.equal, cell.different) == (CellVerdict.DIFFERENT, 2, 1)
    assert cell.trouble is not None
    assert cell.trouble.event_name == "wrong"
    assert "cannot be written" in cell.trouble.message
    assert "orderId" in cell.trouble.message


DECIMAL: JsonValue = {"logicalType": "decimal", "precision": 8, "scale": 2}
LOGICAL: dict[str, JsonValue] = {
    "date": {"type": "int", "logicalType": "date"},
    "time": {"type": "int", "logicalType": "time-millis"},
    "timestamp": {"type": "long", "logicalType": "timestamp-micros"},
    "nanos": {"type": "long", "logicalType": "timestamp-nanos"},
    "decimal": {"type": "bytes", **DECIMAL},  # type: ignore[dict-item]
    "fixed decimal": {"type": "fixed", "name": "D", "size": 8, **DECIMAL},  # type: ignore[dict-item]
    "uuid": {"type": "string", "logicalType": "uuid"},
    "fixed": {"type": "fixed", "name": "F", "size": 16},
    "enum": {"type": "enum", "name": "E", "symbols": ["A", "B"]},
}


@pytest.mark.parametrize(
    "names",
    [
        ("date", "timestamp"),
        ("time", "timestamp"),
        ("date", "long"),
        ("int", "timestamp"),
        ("double", "date", "nanos"),
        ("bytes", "fixed decimal"),
        ("decimal", "fixed decimal"),
        ("fixed", "decimal"),
        ("bytes", "fixed"),
        ("uuid", "enum"),
        ("string", "enum"),
        ("float", "double"),
        ("int", "double"),
    ],
    ids=" and ".join,
)
def test_branches_that_share_a_primitive_are_kept_apart(names: tuple[str, ...]) -> None:
    branches: list[JsonValue] = [LOGICAL.get(name, name) for name in names]
    schema = record(
        {"name": "one", "type": ["null", *branches]},
        {"name": "some", "type": {"type": "array", "items": [*map(_used, branches)]}},
        {"name": "named", "type": {"type": "map", "values": [*map(_used, branches), "null"]}},
    )
    events = [(case.name, case.event) for case in edge_cases(schema)]
    events += [(f"sample {n}", event) for n, event in enumerate(sample(schema, seed=1, count=20))]
    with EmbeddedBroker() as broker:
        (cell,) = round_trip(
            broker, [writing(1, schema, tuple(events), ("version 1", schema))], run=run()
        )
    assert (cell.trouble, cell.equal) == (None, len(events))


def _used(type_: JsonValue) -> JsonValue:
    """A named type at its second use is only its name."""
    return type_.get("name", type_) if isinstance(type_, dict) else type_
