"""A partition that has no leader for a moment is asked for its end again."""

from __future__ import annotations

from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException

from schemareg.errors import BrokerError
from schemareg.pytest_plugin import published
from schemareg.pytest_plugin.published import Published


class Moving:
    """A consumer whose partition answers with these codes, then with its end, 7."""

    def __init__(self, *codes: int) -> None:
        self.codes = list(codes)

    def get_watermark_offsets(self, *_: Any, **__: Any) -> tuple[int, int]:
        if self.codes:
            raise KafkaException(KafkaError(self.codes.pop(0)))
        return 0, 7


def end_of(consumer: Moving) -> int:
    reader = object.__new__(Published)
    reader._consumer = consumer  # type: ignore[assignment]
    return reader._ends([("orders", 0)])["orders", 0]


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_AGAIN_S", 0.0)


@pytest.mark.parametrize(
    "codes",
    [
        pytest.param([], id="a-leader"),
        pytest.param([KafkaError.NOT_LEADER_FOR_PARTITION], id="a-former-leader"),
        pytest.param([KafkaError.LEADER_NOT_AVAILABLE] * 3, id="no-leader-yet"),
    ],
)
def test_end_of_a_partition_that_gets_its_leader(codes: list[int]) -> None:
    assert end_of(Moving(*codes)) == 7


def test_end_of_a_partition_that_does_not_exist() -> None:
    with pytest.raises(BrokerError, match="the ends of the topics are unknown"):
        end_of(Moving(KafkaError.UNKNOWN_TOPIC_OR_PART))


def test_end_of_a_partition_without_a_leader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "_METADATA_S", 0.0)
    with pytest.raises(BrokerError, match="the ends of the topics are unknown"):
        end_of(Moving(*[KafkaError.NOT_LEADER_FOR_PARTITION] * 100_000))
