"""Encode and decode, ours beside confluent-kafka's serializers and the fastavro below them.

Ours and Confluent's take and give whole framed messages of the same registered schema; fastavro
alone has neither a frame nor a registry to look at. All run in one process, turn by turn; the
figures are microseconds of CPU per message, the least of the rounds. Ours is strict throughout
(types, ranges, names, end of input); the others check what they check by default.
"""

from __future__ import annotations

import argparse
import json
import time as clock
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import UUID

import fastavro
from confluent_kafka.schema_registry import SchemaRegistryClient, topic_subject_name_strategy
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from schemareg.avro import parse
from schemareg.registry import connect
from schemareg.registry.server import EmbeddedRegistry
from schemareg.serdes import event_deserializer, event_serializer

ROUNDS = 40
ROUND_S = 0.01
TARGETS = (1.5, 3.5)
LOGICAL = (1.8, 2.7)
NO_ROW_BEHIND = (1.0, 1.0)
FRAME_BYTES = 5
NOW = datetime(2026, 10, 23, 12, 1, 2, 460123, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Shape:
    """One kind of event, and how many times as fast as Confluent's both directions shall be."""

    name: str
    schema: dict[str, Any]
    event: dict[str, Any]
    targets: tuple[float, float] = TARGETS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    columns = f"{'µs':>26}{'ratios':>15}"
    print(f"{'':20}{'encode':<41}{'decode':<41}")
    print(f"{'shape':20}{columns}{columns}")
    met = True
    with EmbeddedRegistry() as registry:
        for shape in shapes():
            encode, decode = compare(registry.url, shape, rounds)
            for figures, aim in zip((encode, decode), shape.targets, strict=True):
                met &= figures.beside_confluent >= aim and figures.beside_fastavro >= 1
            aims = " / ".join(f"{aim:g}x" for aim in shape.targets)
            print(f"{shape.name:20}{encode}{decode}   aims {aims}")
    print(f"Confluent's / fastavro alone / ours; aims {'met' if met else 'MISSED'}")


@dataclass(frozen=True, slots=True)
class Figures:
    """What one message takes, in µs."""

    confluent: float
    fastavro: float
    ours: float

    @property
    def beside_confluent(self) -> float:
        return self.confluent / self.ours

    @property
    def beside_fastavro(self) -> float:
        return self.fastavro / self.ours

    def __str__(self) -> str:
        taken = f"{self.confluent:.1f} / {self.fastavro:.1f} / {self.ours:.1f}"
        return f"{taken:>26}{self.beside_confluent:8.2f}{self.beside_fastavro:7.2f}"


def compare(url: str, shape: Shape, rounds: int) -> tuple[Figures, Figures]:
    """The figures of encoding and of decoding."""
    text, topic = json.dumps(shape.schema), shape.name.replace(" ", "-")
    client = SchemaRegistryClient({"url": url})
    settings = {"subject.name.strategy": topic_subject_name_strategy}
    theirs = AvroSerializer(client, text, conf=settings)
    read_theirs = AvroDeserializer(client, text, conf=settings)
    context = SerializationContext(topic, MessageField.VALUE)
    message = theirs(shape.event, context)
    plain = fastavro.parse_schema(shape.schema)

    def write_plain() -> bytes:
        out = BytesIO()
        fastavro.schemaless_writer(out, plain, shape.event)
        return out.getvalue()

    def read_plain() -> object:
        return fastavro.schemaless_reader(BytesIO(message[FRAME_BYTES:]), plain, None)

    assert write_plain() == message[FRAME_BYTES:]
    assert read_plain() == shape.event
    with connect(url) as registry:
        schema = parse(text)
        ours = event_serializer(registry, schema)
        read_ours = event_deserializer(registry, readers=[schema])
        assert ours(shape.event, topic=topic).data == message
        assert read_ours(message) == read_theirs(message, context) == shape.event
        encode = side_by_side(
            rounds,
            lambda: theirs(shape.event, context),
            write_plain,
            lambda: ours(shape.event, topic=topic),
        )
        decode = side_by_side(
            rounds, lambda: read_theirs(message, context), read_plain, lambda: read_ours(message)
        )
    return encode, decode


def side_by_side(rounds: int, *calls: Callable[[], object]) -> Figures:
    """The figures of `calls`, which are those of Confluent's, of fastavro, and ours."""
    times = [calls_per_round(call) for call in calls]
    taken: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, count, spent in zip(calls, times, taken, strict=True):
            spent.append(cpu_us(call, count))
    return Figures(*(min(spent) for spent in taken))


def calls_per_round(call: Callable[[], object]) -> int:
    return max(1, int(ROUND_S * 1e6 / cpu_us(call, 200)))


def cpu_us(call: Callable[[], object], times: int) -> float:
    start = clock.process_time_ns()
    for _ in range(times):
        call()
    return (clock.process_time_ns() - start) / times / 1000


def record(name: str, *fields: tuple[str, Any]) -> dict[str, Any]:
    return {
        "type": "record",
        "name": name,
        "namespace": "bench",
        "fields": [{"name": field, "type": type_} for field, type_ in fields],
    }


def shapes() -> list[Shape]:
    return [
        order_created(),
        plain_fields(),
        nested_event(),
        logical_fields(),
        of_one_type(
            "60 timestamp-micros", {"type": "long", "logicalType": "timestamp-micros"}, NOW
        ),
        of_one_type("60 large longs", "long", 1_792_759_262_460_123),
    ]


def order_created() -> Shape:
    items = {"type": "array", "items": "string"}
    schema = record(
        "OrderCreated",
        ("orderId", "string"),
        ("userId", "string"),
        ("items", items),
        ("total", "double"),
        ("timestamp", "long"),
        ("version", "string"),
    )
    event = {
        "orderId": "order-48213907",
        "userId": "user-12345678",
        "items": ["sku-10001", "sku-10002", "sku-10003"],
        "total": 59.84,
        "timestamp": 1792759262460,
        "version": "1.0",
    }
    return Shape("OrderCreated", schema, event)


def plain_fields() -> Shape:
    values: list[tuple[str, Any]] = [
        ("string", "some text"),
        ("long", 1792759262460),
        ("int", 4711),
        ("double", 3.25),
        ("boolean", True),
        ("string", "order-48213907"),
    ]
    cells = {f"f{i}": values[i % len(values)] for i in range(60)}
    schema = record("Plain", *((name, type_) for name, (type_, _) in cells.items()))
    return Shape("60 plain fields", schema, {name: value for name, (_, value) in cells.items()})


def nested_event() -> Shape:
    address = record(
        "Address", ("street", "string"), ("city", "string"), ("zip", ["null", "string"])
    )
    customer = record(
        "Customer", ("name", "string"), ("email", ["null", "string"]), ("address", address)
    )
    line = record("Line", ("sku", "string"), ("quantity", "int"), ("price", "double"))
    status = {"type": "enum", "name": "Status", "symbols": ["NEW", "PAID"]}
    schema = record(
        "Nested",
        ("id", "string"),
        ("customer", customer),
        ("lines", {"type": "array", "items": line}),
        ("labels", {"type": "map", "values": "string"}),
        ("status", status),
    )
    event = {
        "id": "order-48213907",
        "customer": {
            "name": "Alice Smith",
            "email": "alice@example.com",
            "address": {"street": "12 Station Road", "city": "Lyon", "zip": None},
        },
        "lines": [{"sku": f"sku-{i}", "quantity": i, "price": 9.99} for i in range(5)],
        "labels": {"channel": "web", "campaign": "spring"},
        "status": "PAID",
    }
    return Shape("nested event", schema, event)


def logical_fields() -> Shape:
    instant = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
    values: list[tuple[dict[str, Any], Any]] = [
        ({"type": "long", "logicalType": "timestamp-millis"}, instant),
        (
            {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2},
            Decimal("1234.56"),
        ),
        (
            {"type": "string", "logicalType": "uuid"},
            UUID("6ec9d286-63ca-428d-95f4-b3b2e4b06ce6"),
        ),
        ({"type": "int", "logicalType": "date"}, date(2026, 2, 3)),
        ({"type": "int", "logicalType": "time-millis"}, time(1, 2, 3)),
        ({"type": "long", "logicalType": "timestamp-micros"}, instant),
    ]
    cells = {f"f{i}": values[i % len(values)] for i in range(60)}
    schema = record("Logical", *((name, type_) for name, (type_, _) in cells.items()))
    event = {name: value for name, (_, value) in cells.items()}
    return Shape("60 logical fields", schema, event, targets=LOGICAL)


def of_one_type(name: str, type_: Any, value: Any) -> Shape:
    fields = [f"f{i}" for i in range(60)]
    schema = record(name.title().replace(" ", "").replace("-", ""), *((f, type_) for f in fields))
    schema["name"] = f"Of{schema['name']}"
    return Shape(name, schema, dict.fromkeys(fields, value), targets=NO_ROW_BEHIND)


if __name__ == "__main__":
    main()
