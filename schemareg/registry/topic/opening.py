"""`kafka://HOST:PORT[,HOST:PORT…]/TOPIC` as a store."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Generator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from schemareg.errors import ExternalFailureError, UsageError
from schemareg.registry.store.checkpoints import is_state_of_a_log
from schemareg.registry.topic.importing import RawRecord
from schemareg.registry.topic.store import TopicStore

SCHEME = "kafka://"
_DEFAULT_TOPIC = "_schemas"
_POLL_S = 1.0
_QUIET_S = 30.0


def parse_store_url(url: str) -> tuple[str, str]:
    """Bootstrap servers and topic.

    Raises: `UsageError`.
    """
    advice = f"write {SCHEME}HOST:PORT/TOPIC"
    if "@" in url:
        raise UsageError(
            "the store's address holds credentials, which are not shown here",
            advice=f"{advice}, with SCHEMAREG_SERVE_KAFKA_SASL_USERNAME and _PASSWORD beside it",
        )
    if not url.startswith(SCHEME):
        raise UsageError(f"the store {url!r} is of no known kind", advice=advice)
    servers, _, topic = url[len(SCHEME) :].partition("/")
    if not servers or "/" in topic or any(c.isspace() or c in "?#" for c in servers):
        raise UsageError(f"the store {url!r} is no address", advice=advice)
    return servers, topic or _DEFAULT_TOPIC


def node_name() -> str:
    """The process, for people who read logs and headers."""
    return f"{socket.gethostname()}-{os.getpid()}"


def open_topic_store(
    url: str,
    *,
    advertised: str,
    path: str | None,
    group: str,
    read_only: bool,
    names_avro: bool,
    security: Mapping[str, str],
    session_timeout_ms: int,
) -> TopicStore:
    """A node over the topic at `url`; `advertised` is how other nodes reach it over HTTP.

    Raises:
        UsageError: the address, or a topic that a registry cannot be kept in; no kafka extra.
        ExternalFailureError: the broker does not answer.
    """
    try:
        from schemareg.registry.topic.kafka_clients import TopicAddress
        from schemareg.registry.topic.kafka_log import KafkaLog
        from schemareg.registry.topic.kafka_topic import open_topic
    except ImportError as error:
        raise UsageError(
            "a store on Kafka needs a library that is not installed",
            advice="run: pip install 'schemareg[kafka]'",
        ) from error
    servers, topic = parse_store_url(url)
    if path is not None and Path(path).exists() and not is_state_of_a_log(path):
        raise UsageError(
            f"the file {path} holds no state of a topic: it may be a registry of its own",
            advice="leave --db out, or name a file that does not exist",
        )
    name = node_name()
    address = TopicAddress(servers, topic, group, security, client=f"schemareg-{name}")
    identity = open_topic(address, may_create=not read_only)
    with ExitStack() as stack:
        log = KafkaLog(
            address,
            identity,
            name=name,
            url=advertised,
            read_only=read_only,
            session_timeout_ms=session_timeout_ms,
        )
        stack.callback(log.close)
        store = TopicStore(log, path, names_avro=names_avro)
        stack.pop_all()
    return store


def release_store(url: str, *, group: str, security: Mapping[str, str]) -> int:
    """The offset of the record that makes the topic at `url` ready for other registries.

    Raises:
        UsageError: the address; nodes that still run; no topic of a registry; no kafka extra.
        ExternalFailureError: the broker does not answer.
    """
    servers, topic = parse_store_url(url)
    try:
        from schemareg.registry.topic.releasing import release_topic
    except ImportError as error:
        raise UsageError(
            "a store on Kafka needs a library that is not installed",
            advice="run: pip install 'schemareg[kafka]'",
        ) from error
    return release_topic(servers, topic, group=group, security=security)


def read_topic(url: str, *, security: Mapping[str, str]) -> Generator[RawRecord, None, None]:
    """Every committed record of the topic at `url`, to its end as it is when it is reached.

    Raises:
        UsageError: the address; no such topic, or one that no registry is kept in.
        ExternalFailureError: the broker does not answer.
    """
    from schemareg.registry.topic.kafka_clients import TopicAddress
    from schemareg.registry.topic.kafka_reader import KafkaReader
    from schemareg.registry.topic.kafka_topic import open_topic

    servers, topic = parse_store_url(url)
    address = TopicAddress(servers, topic, security=security)
    open_topic(address, may_create=False)
    quiet_since = time.monotonic()
    with closing(KafkaReader(address)) as reader:
        reader.seek(0)
        while True:
            chunk = reader.poll(_POLL_S)
            for entry in chunk.entries:
                yield entry.key, entry.value, entry.written_ms
            if chunk.at_end:
                return
            if chunk.entries:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > _QUIET_S:
                raise ExternalFailureError(f"{url}: no answer for {_QUIET_S:.0f} s")
            if reader.trouble:
                raise ExternalFailureError(f"{url}: {reader.trouble}")
