"""Confluent's clients, sync and async, behind one face."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from confluent_kafka.schema_registry import (
    AsyncSchemaRegistryClient,
    SchemaRegistryClient,
)
from confluent_kafka.schema_registry._async.avro import AsyncAvroDeserializer, AsyncAvroSerializer
from confluent_kafka.schema_registry.avro import AvroDeserializer, AvroSerializer


def record(name: str, *fields: dict[str, Any], namespace: str = "shop", **more: Any) -> str:
    return json.dumps(
        {"type": "record", "name": name, "namespace": namespace, "fields": list(fields), **more}
    )


ID = {"name": "id", "type": "string"}
NOTE = {"name": "note", "type": ["null", "string"], "default": None}
V1 = record("Order", ID)
V2 = record("Order", ID, NOTE)
CLASH = record("Order", {"name": "id", "type": "int"})
MONEY = record("Money", {"name": "cents", "type": "long"})
LINE = record("Line", {"name": "price", "type": "shop.Money"})
INVOICE = record("Invoice", {"name": "lines", "type": {"type": "array", "items": "shop.Line"}})


class Awaited:
    """An async object whose methods run to their end when called."""

    def __init__(self, inner: Any, runner: asyncio.Runner) -> None:
        self._inner = inner
        self._runner = runner

    def __getattr__(self, name: str) -> Any:
        return self._now(getattr(self._inner, name))

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._now(self._inner)(*args, **kwargs)

    def _now(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            result = call(*args, **kwargs)
            return self._runner.run(result) if inspect.iscoroutine(result) else result

        return called


class Confluent:
    """confluent-kafka's client and serializers, sync or async, behind one face."""

    def __init__(self, url: str, runner: asyncio.Runner | None) -> None:
        self._runner = runner
        self.raw: Any = (
            SchemaRegistryClient({"url": url})
            if runner is None
            else AsyncSchemaRegistryClient({"url": url})
        )
        self.client: Any = self.raw if runner is None else Awaited(self.raw, runner)

    def close(self) -> None:
        if self._runner is None:
            self.raw.close()
        else:
            self.client.aclose()

    def serializer(self, schema: Any, **conf: Any) -> Any:
        conf = {name.replace("_", "."): value for name, value in conf.items()}
        if self._runner is None:
            return AvroSerializer(self.raw, schema, conf=conf)
        return self._made(AsyncAvroSerializer(self.raw, schema, conf=conf))

    def deserializer(self, schema: str | None = None) -> Any:
        if self._runner is None:
            return AvroDeserializer(self.raw, schema)
        return self._made(AsyncAvroDeserializer(self.raw, schema))

    def _made(self, making: Any) -> Any:
        async def made() -> Any:
            return await making

        assert self._runner is not None
        return Awaited(self._runner.run(made()), self._runner)


@contextmanager
def runner_for(kind: str) -> Iterator[asyncio.Runner | None]:
    if kind == "sync":
        yield None
    else:
        with asyncio.Runner() as runner:
            yield runner
