"""Services in waves as the input of a pipeline: GitHub, GitLab, Argo CD, Helmfile.

YAML is written as JSON, which it contains, so that no name can change its structure.

Source: GitHub, "Running variations of jobs in a workflow", "Usage limits"; GitLab, "Downstream
pipelines"; Argo CD, "Sync Phases and Waves"; Helmfile, "DAG-aware installation".
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from schemareg.errors import UsageError
from schemareg.report.escape import Safe, json_document, json_text, terminal

MOST_JOBS = 256
"""Jobs in one matrix of GitHub."""
MOST_OUTPUT_BYTES = 1_000_000
"""Outputs of one job of GitHub, which are counted as UTF-16."""
MOST_VALUE_CHARACTERS = 100
"""A longer value makes GitLab skip the pipeline in silence."""

Waves = Sequence[Sequence[str]]


class Pipeline(StrEnum):
    """A system that runs jobs or deployments."""

    GITHUB = "github"
    GITLAB = "gitlab"
    ARGOCD = "argocd"
    HELMFILE = "helmfile"


def as_pipeline(waves: Waves, pipeline: Pipeline, *, chunk: bool = False) -> Safe:
    """The text for `pipeline`; with `chunk` GitHub gets as many matrices as are needed.

    Raises:
        UsageError: the services are more, or their names longer, than the system takes.
    """
    match pipeline:
        case Pipeline.GITHUB:
            return _github(waves, chunk=chunk)
        case Pipeline.GITLAB:
            return _gitlab(waves)
        case Pipeline.ARGOCD:
            return _argocd(waves)
        case Pipeline.HELMFILE:
            return _helmfile(waves)


def _github(waves: Waves, *, chunk: bool) -> Safe:
    """Lines for $GITHUB_OUTPUT. An empty matrix fails a job: guard it with `any`."""
    jobs = [{"service": name, "wave": n} for n, wave in enumerate(waves) for name in wave]
    if len(jobs) > MOST_JOBS and not chunk:
        raise UsageError(
            f"{len(jobs)} services are more than the {MOST_JOBS} jobs of one matrix",
            advice="add --chunk, which writes matrix_0, matrix_1 and so on",
        )
    lines = [f"any={'true' if jobs else 'false'}", f"count={len(jobs)}", f"waves={len(waves)}"]
    if chunk:
        parts = [jobs[i : i + MOST_JOBS] for i in range(0, len(jobs), MOST_JOBS)] or [[]]
        lines.append(f"chunks={len(parts)}")
        lines += [f"matrix_{n}={json_text({'include': part})}" for n, part in enumerate(parts)]
    else:
        lines.append(f"matrix={json_text({'include': jobs})}")
    text = "\n".join(lines) + "\n"
    if len(text.encode("utf-16-le")) > MOST_OUTPUT_BYTES:
        raise UsageError(
            f"the matrix takes {len(text.encode('utf-16-le'))} bytes as UTF-16, and GitHub"
            f" accepts {MOST_OUTPUT_BYTES}",
            advice="shorten the names of services, or divide the manifest",
        )
    return terminal(text)


def _gitlab(waves: Waves) -> Safe:
    """A child pipeline with a stage for each wave, which no limit on `needs` applies to."""
    _check_lengths(waves)
    value: dict[str, object] = {
        "workflow": {"rules": [{"when": "always"}]},
        "stages": [f"wave-{n}" for n in range(len(waves))] or ["wave-0"],
        ".service": {"script": ['./deploy "$SERVICE"']},
    }
    for n, wave in enumerate(waves):
        for name in wave:
            value[f"deploy {name}"] = {
                "extends": ".service",
                "stage": f"wave-{n}",
                "variables": {"SERVICE": name, "WAVE": str(n)},
                "resource_group": name,
            }
    if not any(waves):
        value["nothing to deploy"] = {"stage": "wave-0", "script": ["true"]}
    return json_document(value)


def _check_lengths(waves: Waves) -> None:
    long = next((n for wave in waves for n in wave if len(n) > MOST_VALUE_CHARACTERS), None)
    if long is not None:
        raise UsageError(
            f"the name of the service {long[:40]!r}… is longer than {MOST_VALUE_CHARACTERS}"
            " characters, for which GitLab makes no pipeline"
        )


def _argocd(waves: Waves) -> Safe:
    """The annotation of each service, for one Application: waves do not reach across them."""
    value = {
        name: {"argocd.argoproj.io/sync-wave": str(n)}
        for n, wave in enumerate(waves)
        for name in wave
    }
    return json_document(value)


def _helmfile(waves: Waves) -> Safe:
    """Releases with the releases of the wave before as `needs`."""
    releases = [
        {"name": name, "needs": list(waves[n - 1]) if n else []}
        for n, wave in enumerate(waves)
        for name in wave
    ]
    return json_document({"releases": releases})
