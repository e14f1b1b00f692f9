"""Hostile messages: mutated events, read with the writer's schema and with an evolved one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random
from typing import Any
from uuid import UUID

from schemareg.avro import Schema, parse
from schemareg.codec import compile_decoder, compile_encoder, decode_slowly
from schemareg.codec.messages import EventDeserializer
from schemareg.errors import ContentError, DecodeError, EncodeError
from schemareg.sampling.sample import same_event, sample
from schemareg.subjects import SchemaId
from tests.attack.frame import Attack, Shot, ViolatedError, steady
from tests.attack.mutating import SchemaMaker, damaged

_EVENTS = 20


def _attempt(call: Callable[[], Any]) -> Any:
    """What `call` gives, or its refusal."""
    try:
        return call()
    except DecodeError as refusal:
        return refusal


def good_messages(rng: Random, schema: Schema) -> list[bytes]:
    """Bytes of realistic events; a byte where the schema has no finite event."""
    encode = compile_encoder(schema)
    messages = [b"\x00"]
    try:
        for event in sample(schema, seed=rng.randrange(1 << 30), count=_EVENTS):
            messages.append(encode(event))
    except (ContentError, EncodeError):  # no finite event, or an ambiguous branch of a union
        pass
    return messages


def read(
    data: bytes, *, writer: Schema, reader: Schema, logical: bool, decode: Callable[[bytes], Any]
) -> str:
    """Nothing, when both decoders read `data` as one value.

    Raises:
        DecodeError: both refuse it.
        ViolatedError: the decoders differ.
    """
    value = _attempt(lambda: decode(data))
    slow = _attempt(lambda: decode_slowly(data, writer=writer, reader=reader, logical=logical))
    if isinstance(value, DecodeError) and isinstance(slow, DecodeError):
        try:
            raise value
        finally:
            # a frame that holds its own exception keeps all that was decoded until a collection
            del value, slow
    if not same_event(value, slow):
        raise ViolatedError(f"{data.hex()[:200]} is {value!r:.80} and slowly {slow!r:.80}")
    return ""


def own_shots(rng: Random) -> Iterator[Shot]:
    schema = parse(json.dumps(SchemaMaker(rng).record()))
    logical = rng.random() < 0.5
    decode = compile_decoder(writer=schema, logical=logical)
    for good in cycle(good_messages(rng, schema)):
        data = damaged(rng, good)
        yield lambda data=data: read(  # type: ignore[misc]
            data, writer=schema, reader=schema, logical=logical, decode=decode
        )


def evolved_shots(rng: Random) -> Iterator[Shot]:
    maker = SchemaMaker(rng)
    old = maker.record()
    writer, reader = parse(json.dumps(old)), parse(json.dumps(maker.evolved(old)))
    decode = compile_decoder(writer=writer, reader=reader)
    for good in cycle(good_messages(rng, writer)):
        data = damaged(rng, good)
        yield lambda data=data: read(  # type: ignore[misc]
            data, writer=writer, reader=reader, logical=True, decode=decode
        )


def framed_shots(rng: Random) -> Iterator[Shot]:
    """Whole messages with header and identity, through the deserializer of an application."""
    schema = parse(json.dumps(SchemaMaker(rng).record()))

    def fetch(identity: SchemaId | UUID) -> Schema:
        if identity == SchemaId(1):
            return schema
        raise DecodeError(f"no schema {identity}")

    deserialize = EventDeserializer(fetch)
    for good in cycle(good_messages(rng, schema)):
        data = damaged(rng, b"\x00\x00\x00\x00\x01" + good)
        key = rng.choice(("__value_schema_id", "__key_schema_id"))
        headers = [(key, damaged(rng, b"\x01" + bytes(16)))] if rng.random() < 0.2 else []

        def shot(data: bytes = data, headers: Any = headers) -> str:
            deserialize(data, headers=headers)
            return ""

        yield shot


ATTACKS = (
    Attack("bytes", steady(own_shots), weight=400, cpu_s=3.0),
    Attack("evolved bytes", steady(evolved_shots), weight=300, cpu_s=3.0),
    Attack("framed messages", steady(framed_shots), weight=150, cpu_s=3.0),
)
