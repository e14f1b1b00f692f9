"""librdkafka clients of a broker: their settings, a first connection, and a safe close."""

from __future__ import annotations

import re
import time
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer

from schemareg.brokers.broker import Broker, Setting, Settings
from schemareg.errors import BrokerError
from schemareg.lazy_dataclass import dataclass

# Errors after which waiting longer cannot help: nobody listens, or we are not let in.
_HOPELESS = frozenset(
    {
        KafkaError._ALL_BROKERS_DOWN,
        KafkaError._AUTHENTICATION,
        KafkaError._SSL,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
    }
)
# the address once more in front, the state of a state machine behind
_NOISE = re.compile(r"^\S+/(?:bootstrap|\d+): | \(after \d+ms in state \w+[^)]*\)$")
_QUIET: dict[str, Setting] = {
    # librdkafka writes to stderr by itself; what matters comes back as errors
    "log_level": 0,
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A cluster as one of its brokers describes it: every `HOST:PORT`, and the topics by name."""

    servers: tuple[str, ...]
    topics: frozenset[str]


def client_config(broker: Broker, **settings: Setting) -> dict[str, Setting]:
    """The librdkafka configuration for a client of `broker`; `settings` use `_` for `.`.

    The broker's own settings win over `settings`: they are what the cluster demands.
    """
    return {
        **_QUIET,
        **{name.replace("_", "."): value for name, value in settings.items()},
        **broker.client_settings,
        "bootstrap.servers": broker.bootstrap_servers,
    }


def headers_of(message: Message) -> tuple[tuple[str, bytes], ...]:
    """The headers of a consumed message; one without a value has an empty one."""
    # the client's types allow what a producer may be given; a consumer gets pairs
    headers = cast("list[tuple[str, bytes | None]]", message.headers() or [])
    return tuple((name, value or b"") for name, value in headers)


def ask_cluster(
    bootstrap_servers: str, settings: Settings, *, timeout_s: float, patient: bool = False
) -> Cluster:
    """The cluster as the first broker that answers describes it.

    Returns as soon as there is an answer. With `patient` a refused connection is tried again
    until `timeout_s` has passed (a broker that is just starting), else it ends the wait.

    Raises:
        BrokerError: nobody answered, or not to us.
    """
    seen: list[KafkaError] = []
    try:
        client = Producer(
            {
                **_QUIET,
                **settings,
                "bootstrap.servers": bootstrap_servers,
                "error_cb": seen.append,
                "reconnect.backoff.max.ms": 500,
            }
        )
    except KafkaException as error:
        raise BrokerError(
            f"Kafka client settings are refused: {reason(error)}",
            advice="see librdkafka's CONFIGURATION.md for their names and values",
        ) from error
    deadline = time.monotonic() + timeout_s
    while True:
        try:
            answer = client.list_topics(timeout=0.25)
        except KafkaException as error:
            client.poll(0)
            hopeless = [e for e in seen if e.code() in _HOPELESS]
            if time.monotonic() > deadline or (hopeless and not patient):
                raise BrokerError(
                    f"no Kafka broker answers at {bootstrap_servers}: "
                    f"{_first_cause(seen) or reason(error)}",
                    advice="check the address and that the broker is up",
                ) from error
            if seen:
                client.poll(0.1)
        else:
            servers = tuple(f"{b.host}:{b.port}" for b in answer.brokers.values())
            return Cluster(servers, frozenset(answer.topics))


def close_consumer(consumer: Consumer, *, timeout_s: float = 5.0) -> None:
    """The consumer is closed and has left its group, whatever state its group is in.

    `Consumer.close` alone can block for ever, and the whole interpreter with it, while an
    assignment waits to be delivered: after `subscribe` without enough calls of `poll`. Here the
    consumer first gives its partitions back, for which at most `timeout_s` is waited. Messages
    that were not returned by `poll` stay uncommitted.

    Source: librdkafka issue 4884; `scripts/close-test` measures both.
    """
    consumer.pause(consumer.assignment())
    consumer.unsubscribe()
    deadline = time.monotonic() + timeout_s
    while consumer.poll(0.01) is not None or consumer.assignment():
        if time.monotonic() > deadline:
            break
    consumer.close()


def reason(error: KafkaException | TimeoutError) -> str:
    """The words of librdkafka for `error`, without its wrapping."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    inner = error.args[0] if error.args else error
    return inner.str() if isinstance(inner, KafkaError) else str(inner)


def _first_cause(errors: list[KafkaError]) -> str:
    """The first error that names a cause, rather than "all brokers down"."""
    causes = [e for e in errors if e.code() != KafkaError._ALL_BROKERS_DOWN] or errors
    return _NOISE.sub("", causes[0].str()) if causes else ""
