"""Drift as a text file for the node exporter of Prometheus.

Source: Prometheus, "Exposition formats", text format 0.0.4.
"""

from __future__ import annotations

from collections import Counter

from schemareg.commands.drift import DriftResult
from schemareg.plan.drift import DriftKind


def drift_metrics(result: DriftResult, *, at: float) -> str:
    """How many differences of each kind there are, how much was compared, and when (Unix time)."""
    registry = _label(result.registry)
    kinds = Counter(finding.rule for finding in result.findings)
    lines = [
        "# HELP schemareg_drift Differences between the registry and the files, by kind.",
        "# TYPE schemareg_drift gauge",
        *(
            f'schemareg_drift{{registry="{registry}",kind="{kind}"}} {kinds[kind]}'
            for kind in DriftKind
        ),
        "# HELP schemareg_drift_subjects Subjects that were compared.",
        "# TYPE schemareg_drift_subjects gauge",
        f'schemareg_drift_subjects{{registry="{registry}"}} {len(result.subjects)}',
        "# HELP schemareg_drift_time_seconds When they were compared, in Unix time.",
        "# TYPE schemareg_drift_time_seconds gauge",
        f'schemareg_drift_time_seconds{{registry="{registry}"}} {at:.0f}',
    ]
    return "\n".join(lines) + "\n"


def _label(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return "".join(each if each.isprintable() else "?" for each in escaped)
