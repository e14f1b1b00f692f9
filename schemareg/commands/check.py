"""Check a project's schemas against a state: a snapshot, a commit, a directory, a registry."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import NamedTuple

from schemareg.avro.schema import name_of
from schemareg.commands.check_result import (
    CheckResult,
    SubjectCheck,
    Verdict,
    VersionVerdict,
    Violation,
)
from schemareg.commands.earlier_versions import to_register, with_earlier
from schemareg.commands.lowered_levels import lowered_level
from schemareg.commands.progress import Progress, silent
from schemareg.commands.semantic import advice_for, semantic_severities, severity_of
from schemareg.commands.state_notes import (
    failures_of,
    has_unreadable_past,
    state_notes,
    subject_notes,
)
from schemareg.compat import Direction, Incompatibility, Kind, check
from schemareg.compat.advice import advice, upgrade_order
from schemareg.compat.causes import (
    SharedCheck,
    cause,
    changed_references,
    is_reported,
    registered_contents,
)
from schemareg.compat.fixes import mechanical_fix
from schemareg.compat.hazard import AGREED, Hazard
from schemareg.compat.hazards.pairs import hazards
from schemareg.compat.proof.prove import prove
from schemareg.compat.renames import half
from schemareg.compat.same_content import Contents
from schemareg.diff import Change, diff, impact_of
from schemareg.findings import Diagnostic, Severity
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.places import Location, Pointer, child
from schemareg.state import Origin, RegistryState, Schemas, SchemaVersion, state_of_project
from schemareg.state.pins import pinned_project, pins_of
from schemareg.subjects import CompatibilityLevel, Version
from schemareg.workspace import Project, ProjectSubject


@dataclass(slots=True)
class _Reason:
    """A violation while its versions are gathered: an incompatibility and what is inside it."""

    direction: Direction
    incompatibility: Incompatibility
    innermost: Incompatibility
    old: SchemaVersion
    versions: list[Version] = field(default_factory=list)


def check_project(
    project: Project,
    state: RegistryState,
    *,
    level: CompatibilityLevel | None = None,
    with_proofs: bool = False,
    progress: Progress = silent,
    schemas: Schemas | None = None,
) -> CheckResult:
    """Compare every selected subject of `project`, and those that use one, with `state`.

    `schemas` are those of `state`, where they are in use already.

    The level is `level` where given, else the subject's in the configuration, else that of
    `state`, else BACKWARD, which is a registry's default.
    """
    if pins_of(project.subjects):
        desired = state_of_project(project, Origin("this project"))
        project = pinned_project(project, desired, state)
    subjects = [s for s in project.subjects if project.is_concerned(s)]
    if schemas is None:
        schemas = Schemas(state, avro_version=project.avro_version, files=project.files)
    answers: list[SubjectCheck] = []
    by_module: dict[str, dict[str, SharedCheck]] = {}
    contents = registered_contents()
    levels = {s.subject: _level(s, state, level) for s in project.subjects}
    semantic = semantic_severities(project.subjects, lambda s: levels[s.subject])
    for done, subject in enumerate(subjects):
        progress("checking", done, len(subjects))
        promised = _Promise(levels[subject.subject], semantic[subject.subject], level is not None)
        seen = [by_module.setdefault(name, {}) for name in subject.modules]
        shared = seen[0] if len(seen) == 1 else ChainMap(*seen)
        new = to_register(subject, schemas.history(subject.subject), contents)
        for before in new:
            judge = _Judge(before, schemas, promised, shared, contents, with_proofs=with_proofs)
            answers += (answer for answer in (judge.answer(),) if answer.violations)
        judge = _Judge(subject, schemas, promised, shared, contents, with_proofs=with_proofs)
        answers.append(judge.answer())
        if subject.role == "type":
            seen[0].update(judge.found())
    progress("checking", len(subjects), len(subjects))
    known = {subject.subject for subject in project.subjects}
    failures = failures_of(project, state)
    whole = project.selected is None and not project.failures
    return CheckResult(
        base=state.origin.description,
        subjects=tuple(answers),
        missing=tuple(s for s in state.subjects if s not in known) if whole else (),
        failures=failures.new,
        notes=(*failures.earlier, *state_notes(project, state)),
        sources=project.texts,
        passed_over=len(project.passed_over),
        refused_files=failures.files,
    )


class _Promise(NamedTuple):
    """The level in force for a subject, and how much a change of meaning weighs under it."""

    level: CompatibilityLevel
    semantic: Severity | None
    is_forced: bool


def _level(
    subject: ProjectSubject, state: RegistryState, forced: CompatibilityLevel | None
) -> CompatibilityLevel:
    own = forced or subject.level or state.level(subject.subject)
    return own or CompatibilityLevel.BACKWARD


class _Judge:
    """The judgement of one subject, after those of the types that it uses (`shared`)."""

    def __init__(
        self,
        subject: ProjectSubject,
        schemas: Schemas,
        promise: _Promise,
        shared: Mapping[str, SharedCheck],
        contents: Contents,
        *,
        with_proofs: bool,
    ) -> None:
        self.subject = subject
        self.origin = schemas.state.origin
        location = Location(subject.file.path if subject.file else None)
        self.notes = tuple(subject_notes(subject, schemas, location))
        self.has_unreadable_past = has_unreadable_past(subject, schemas)
        self.shared = shared
        self.own = "" if subject.role == "type" else name_of(subject.schema.root)
        self.with_proofs = with_proofs
        self.history = with_earlier(subject, schemas.history(subject.subject), contents)
        self.level = promise.level
        self.semantic = promise.semantic
        if not promise.is_forced:
            was = schemas.state.level(subject.subject)
            base = schemas.state.origin.description
            self.notes += tuple(lowered_level(subject, self.level, was, self.history, base=base))
        counted = self.history if self.level.transitive else self.history[-1:]
        none = self.level is CompatibilityLevel.NONE
        self.promised = set() if none else {v.version for v in counted}
        self.contents = contents
        self.is_unchanged = bool(self.history) and (
            contents.are_equal(self.history[-1].schema, subject.schema)
        )
        self.clashes = tuple(
            check(
                subject.schema,
                [(v.version, v.schema) for v in self.history],
                _every_version(self.level),
            )
        )
        # A registry that has this very schema gives it back and judges nothing.
        self.reasons = [] if self.is_unchanged else self._reasons()
        self.halves = {half(r.direction, r.innermost): r for r in self.reasons}
        self.paths = {reason.innermost.path for reason in self.reasons}
        self.hazards = () if self.is_unchanged else tuple(self._hazards())

    def found(self) -> Mapping[str, SharedCheck]:
        """What those that use this subject's type, or one inside it, can follow from, by name."""
        reasons = tuple((r.direction, r.innermost) for r in self.reasons)
        found = SharedCheck(self.subject.subject, reasons, self.hazards)
        known = self.shared.maps[0] if isinstance(self.shared, ChainMap) else self.shared
        # a difference of the two sets of keys would look at every type of the project
        inside = [name for name in self.subject.schema.names if name not in known]
        return dict.fromkeys((*inside, self.subject.subject), found)

    def answer(self) -> SubjectCheck:
        subject = self.subject
        location = Location(subject.file.path if subject.file else None)
        if not self.history:
            verdict = Verdict.NOT_COMPARED if self.has_unreadable_past else Verdict.NEW
            return SubjectCheck(subject.subject, self.level, verdict, location, warnings=self.notes)
        violations = tuple(self._violation(reason) for reason in self.reasons)
        verdict = Verdict.UNCHANGED if self.is_unchanged else Verdict.COMPATIBLE
        changes = self._changes()
        return SubjectCheck(
            subject.subject,
            self.level,
            Verdict.INCOMPATIBLE if violations else verdict,
            location,
            tuple(self._verdict_on(version) for version in self.history),
            violations,
            (*self.notes, *self._warnings()),
            "" if self.is_unchanged else upgrade_order(self.level),
            changed_references(subject.schema, self.history[-1].schema, self.contents),
            changes,
            impact_of(changes),
        )

    def _changes(self) -> tuple[Change, ...]:
        """What is new since the latest version."""
        if self.is_unchanged:
            return ()
        return tuple(diff(self.history[-1].schema, self.subject.schema))

    def _verdict_on(self, old: SchemaVersion) -> VersionVerdict:
        clashing = any(clash.version == old.version for clash in self.clashes)
        verdict = Verdict.INCOMPATIBLE if clashing else Verdict.COMPATIBLE
        called = self.origin.name_of(old.version)
        return VersionVerdict(old.version, verdict, old.version in self.promised, called)

    def _reasons(self) -> list[_Reason]:
        """Each different reason once, with all promised versions that it clashes with."""
        held = {v.version: v for v in self.history}
        reasons: dict[tuple[str, ...], _Reason] = {}
        places: Counter[tuple[object, ...]] = Counter()
        for clash in self.clashes:
            if clash.version not in self.promised:
                continue
            for incompatibility in clash.incompatibilities:
                for innermost in incompatibility.reasons():
                    key = (clash.direction, *_identity(incompatibility), *_identity(innermost))
                    new = _Reason(clash.direction, incompatibility, innermost, held[clash.version])
                    if key not in reasons:
                        # types that hold each other many times multiply the places of one clash
                        pair = (clash.version, clash.direction, *_pair(innermost))
                        places[pair] += 1
                        if places[pair] > LIMITS.violations_per_type:
                            continue
                    first = reasons.setdefault(key, new)
                    if clash.version not in first.versions:
                        first.versions.append(clash.version)
        return list(reasons.values())

    def _violation(self, reason: _Reason) -> Violation:
        backward = reason.direction is Direction.BACKWARD
        innermost, new = reason.innermost, self.subject.schema
        old = reason.old.schema
        reader, writer = (new, old) if backward else (old, new)
        pointer = innermost.reader_pointer if backward else _in_writer(innermost)
        source = cause(innermost, reason.direction, self.shared, self.own)
        renamed = self._renamed(reason)
        fix = renamed or advice(innermost, direction=reason.direction, level=self.level).fix
        by_hand = source is not None or renamed is not None
        is_inner = innermost is not reason.incompatibility
        return Violation(
            versions=tuple(reason.versions),
            direction=reason.direction,
            incompatibility=reason.incompatibility,
            location=self.subject.location(pointer),
            advice=f"Fix {source}, where this comes from." if source else fix,
            proof=prove(innermost, reader=reader, writer=writer) if self.with_proofs else None,
            reasons=(innermost,) if is_inner else (),
            cause=source,
            old_location=_in_old(reason),
            fix=None if by_hand else mechanical_fix(innermost, reason.direction),
            fingerprint=_fingerprint(
                self.subject.subject,
                reason.direction,
                *_identity(reason.incompatibility),
                *_identity(innermost),
            ),
        )

    def _renamed(self, reason: _Reason) -> str | None:
        """One advice for both halves of a field renamed under a level in both directions.

        New readers lack the new name in old events, deployed ones the old name in new events;
        an alias would help only the new ones.
        """
        own = half(reason.direction, reason.innermost)
        other = self.halves.get(own.other()) if own else None
        if other is None:
            return None
        is_new = reason.direction is Direction.BACKWARD
        gained, lost = (reason, other) if is_new else (other, reason)
        old, new = lost.innermost.facts.field, gained.innermost.facts.field
        if old is None or new is None:
            return None
        return (
            f"{new.name} looks like {old.name} renamed; under {self.level} an alias helps new "
            f"readers only. Keep {old.name}, add {new.name} with a default, write both, and give "
            f"{old.name} up when no deployed reader needs it."
        )

    def _hazards(self) -> Iterator[tuple[Direction, Hazard]]:
        """What the level allows and can still go wrong, against the newest version only.

        The other half of a level in both directions adds only what the first lacks.
        """
        if not self.history or self.history[-1].version not in self.promised:
            return
        old, new = self.history[-1].schema, self.subject.schema
        known = set()
        if self.level.backward:
            for hazard in filter(_is_new, hazards(reader=new, writer=old)):
                known.add(_what(hazard))
                yield Direction.BACKWARD, hazard
        if self.level.forward:
            for hazard in filter(_is_new, hazards(reader=old, writer=new)):
                if _what(hazard) not in known:
                    yield Direction.FORWARD, hazard

    def _warnings(self) -> Iterator[Diagnostic]:
        latest = self.origin.name_of(self.history[-1].version) if self.history else ""
        for direction, hazard in self.hazards:
            backward = direction is Direction.BACKWARD
            pointer = hazard.reader_pointer if backward else hazard.writer_pointer
            if is_reported(hazard, direction, self.shared, self.own):
                continue
            if hazard.path in self.paths:
                continue  # what is incompatible is no "compatible, but"
            yield Diagnostic(
                rule=hazard.kind,
                severity=severity_of(hazard, self.subject, self.semantic, new_reads=backward),
                message=hazard.message
                if self.reasons
                else f"compatible with {latest}, but: {hazard.message}",
                location=self.subject.location(pointer),
                element=hazard.path,
                fingerprint=_fingerprint(
                    self.subject.subject, direction, hazard.kind, hazard.path, hazard.message
                ),
                advice=advice_for(hazard, new_reads=backward),
            )


def _in_old(reason: _Reason) -> Location:
    """The place in the newest version that clashes."""
    innermost, old = reason.innermost, reason.old
    backward = reason.direction is Direction.BACKWARD
    pointer = innermost.writer_pointer if backward else innermost.reader_pointer
    if old.location.line:
        return old.location  # the text is a part of its file
    return Location(old.location.path, *old.schema.tree.locate(pointer), pointer)


def _fingerprint(*parts: str) -> str:
    """What an approval names: equal while the very same thing clashes, with any version."""
    from hashlib import sha256  # OpenSSL, which only an incompatibility needs

    text = "\0".join(parts)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _identity(incompatibility: Incompatibility) -> tuple[str, ...]:
    """Equal for the same incompatibility with several versions."""
    return (
        incompatibility.kind,
        incompatibility.path,
        incompatibility.message,
        name_of(incompatibility.facts.writer),
    )


def _pair(incompatibility: Incompatibility) -> tuple[object, ...]:
    """Equal for one clash of two types, wherever the schema uses them."""
    facts = incompatibility.facts
    return (incompatibility.kind, id(facts.reader), id(facts.writer), id(facts.record))


def _in_writer(incompatibility: Incompatibility) -> Pointer:
    """Where the new writer's text has, or would have, what deployed readers need."""
    pointer = incompatibility.writer_pointer
    is_lost = incompatibility.kind is Kind.READER_FIELD_MISSING_DEFAULT_VALUE
    return (
        child(pointer, "fields") if is_lost and not incompatibility.facts.writer_uses else pointer
    )


def _every_version(level: CompatibilityLevel) -> CompatibilityLevel:
    """The level that compares with every version, to report those not promised, too."""
    if level is CompatibilityLevel.NONE:
        return CompatibilityLevel.BACKWARD_TRANSITIVE
    return CompatibilityLevel(level.value.removesuffix("_TRANSITIVE") + "_TRANSITIVE")


def _is_new(hazard: Hazard) -> bool:
    return hazard.is_new


def _what(hazard: Hazard) -> tuple[str, ...]:
    """Equal where both directions report one change; losing a symbol is not gaining another."""
    message = hazard.message if hazard.kind in AGREED else ""
    return (hazard.kind, hazard.path, message)
