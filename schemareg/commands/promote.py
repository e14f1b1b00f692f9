"""Register in one registry what another one has, in dependency order."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

from schemareg.compat.words import described as incompatibility_in_words
from schemareg.errors import ExitCode, RegistryError
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.places import Location
from schemareg.plan.actions import Action
from schemareg.plan.order import AT_ONCE
from schemareg.plan.promote import Mapped, Obstacle, promote
from schemareg.plan.rollback import Refusal
from schemareg.plan.saved import Plan
from schemareg.registry.api.state import RegistryState
from schemareg.registry.api.types import Registry
from schemareg.results import Case, Counts, Result
from schemareg.subjects import SchemaId

_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class PromoteResult(Result):
    """The actions after which the target has the versions of the source, and what it has already.

    `findings` forbid the plan, or name versions of both that differ.
    """

    command: ClassVar[str] = "promote"
    lists_actions: ClassVar[bool] = True

    source: str
    target: str
    digest: str
    actions: tuple[Action, ...]
    mapped: tuple[Mapped, ...]
    findings: tuple[Diagnostic, ...] = ()

    def annotations(self) -> Iterator[Diagnostic]:
        return iter(self.findings)

    def exit_code(self, fail_on: Severity = Severity.ERROR) -> ExitCode:
        """NO when something forbids it."""
        return ExitCode.NO if self.is_forbidden else ExitCode.YES

    @property
    def is_forbidden(self) -> bool:
        """Whether the plan cannot be applied."""
        return any(finding.severity is Severity.ERROR for finding in self.findings)

    def counts(self) -> Counts:
        total = len(self.mapped) + len(self.actions)
        return Counts("version", total, total)

    def cases(self) -> Iterator[Case]:
        subjects = (*(a.subject for a in self.actions), *(m.subject for m in self.mapped))
        for subject in dict.fromkeys(subjects):
            yield Case(subject, tuple(f for f in self.findings if f.element == subject))

    def compared_with(self) -> str:
        return self.target


def promote_states(
    source: RegistryState,
    target: RegistryState,
    *,
    source_name: str,
    target_name: str,
    avro_version: str,
    keep_ids: bool = False,
    taken_ids: Mapping[SchemaId, str] | None = None,
) -> tuple[PromoteResult, Plan]:
    """The plan for the target, and what it has of the source already, compared."""
    found = promote(
        source,
        target,
        registry=target_name,
        avro_version=avro_version,
        keep_ids=keep_ids,
        taken_ids=taken_ids,
    )
    findings = (
        *map(_refused, found.refusals),
        *map(_hindered, found.obstacles),
        *(_different(m) for m in found.mapped if m.is_same_guid is False),
    )
    plan = found.plan
    return PromoteResult(
        source_name, target_name, plan.digest, plan.actions, found.mapped, findings
    ), plan


def ids_taken(
    source: RegistryState, target: RegistryState, registry: Registry
) -> dict[SchemaId, str]:
    """The texts that `registry`, which holds `target`, has under ids of `source` that it lacks.

    One request for each id; an id whose text is the same is not taken.
    """
    held = {v.id for subject in target.subjects.values() for v in subject.versions}
    texts = {
        v.id: v.text
        for subject in source.subjects.values()
        for v in subject.versions
        if v.id is not None and v.id not in held
    }

    def text_of(id: SchemaId) -> str | None:
        try:
            return registry.get_schema(id).text
        except RegistryError as error:
            if error.status == _NOT_FOUND:
                return None
            raise

    with ThreadPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(texts, pool.map(text_of, texts), strict=True))
    return {
        id: text
        for id, text in found.items()
        if text is not None and json.loads(text) != json.loads(texts[id])
    }


def _refused(refusal: Refusal) -> Diagnostic:
    reasons = "; ".join(map(incompatibility_in_words, refusal.clash.incompatibilities[:3]))
    return _finding(
        "promote-incompatible",
        refusal.subject,
        f"{refusal.level} forbids it in the target after v{refusal.clash.version}: {reasons}",
        "set a level that permits it first, or import with --keep-ids, which does not compare",
    )


def _hindered(obstacle: Obstacle) -> Diagnostic:
    return _finding(
        "promote-impossible",
        obstacle.subject,
        f"v{obstacle.version} cannot be imported: {obstacle.why}",
        "promote without --keep-ids, or into an empty context",
    )


def _different(mapped: Mapped) -> Diagnostic:
    versions = f"v{mapped.source_version} and the target's v{mapped.target_version}"
    return _finding(
        "promote-different-guid",
        mapped.subject,
        f"{versions} have equal texts and different guids",
        "compare their metadata and rules",
        Severity.WARNING,
    )


def _finding(
    rule: str, element: str, message: str, advice: str, severity: Severity = Severity.ERROR
) -> Diagnostic:
    return Diagnostic(rule, severity, message, Location(None), element, advice)
