"""Figures by the names that dashboards for Confluent's registry ask for.

Source: Confluent, "Monitor Schema Registry" (JMX metrics), in the spelling of its charts' exporter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from schemareg.lazy_dataclass import dataclass

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

_PREFIX = "cp_kafka_schema_registry_"


@dataclass(frozen=True, slots=True)
class AliasFigures:
    """What the names stand for; None is not known, and has no line then."""

    leads: bool | None
    take_over_ms: int | None
    schemas: int | None
    deleted_versions: int | None
    succeeded: int
    failed: int


def alias_metrics(figures: AliasFigures) -> Iterator[Metric]:
    """A gauge for each name, as the exporter of JMX writes them."""
    from prometheus_client.core import GaugeMetricFamily

    rows = (
        ("master_slave_role", "schemareg_leader", figures.leads),
        (
            "leader_initialization_latency",
            "schemareg_take_over_milliseconds",
            figures.take_over_ms,
        ),
        ("registered_count", "schemareg_schemas", figures.schemas),
        ("avro_schemas_created", "schemareg_schemas", figures.schemas),
        ("deleted_count", "schemareg_deleted_versions", figures.deleted_versions),
        ("avro_schemas_deleted", "schemareg_deleted_versions", figures.deleted_versions),
        ("api_success_count", "schemareg_requests_total below status 400", figures.succeeded),
        ("api_failure_count", "schemareg_requests_total from status 400", figures.failed),
    )
    for name, ours, value in rows:
        if value is not None:
            text = f"{ours}, by the name in dashboards for Confluent's registry."
            yield GaugeMetricFamily(f"{_PREFIX}{name}", text, value=int(value))
