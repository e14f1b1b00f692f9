"""What a change relaxes of the policy that judges it: reported beside what it passes by that."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from schemareg.commands.check_result import CheckResult
from schemareg.errors import SchemaregError, UsageError
from schemareg.findings import Diagnostic, Severity
from schemareg.places import Location
from schemareg.workspace import Config
from schemareg.workspace.files import bounds_of
from schemareg.workspace.subject_settings import SubjectSettings

if TYPE_CHECKING:
    from schemareg.lint.policy import Policy
    from schemareg.lint.settings import LintSettings

T = TypeVar("T")
_ENDS = ("-key", "-value")
_NOWHERE = Location(None)
_ADVICE = "let the owners of the schemas approve the change of the configuration"


def with_policy_changes(
    result: CheckResult,
    now: Config,
    before: Config | SchemaregError | None,
    baseline: bytes | None = None,
) -> CheckResult:
    """`result` with what `now` relaxes of `before`, the configuration where the change began.

    An error is why that cannot be read, which is reported; None: there was no configuration.
    `baseline` is the file of accepted findings as it was there.
    """
    if baseline is not None:
        result = replace(result, policy=(*result.policy, *_grown_baseline(baseline, now)))
    if before is None:
        return result
    if isinstance(before, SchemaregError):
        found = [_not_compared(before, now)]
    else:
        found = [*_relaxed(before, now), *_dropped_files(result, before, now)]
    return replace(result, policy=(*result.policy, *found))


def _dropped_files(result: CheckResult, before: Config, now: Config) -> Iterator[Diagnostic]:
    """The subjects that files were named for, and none is any more."""
    named = {topic.name for topic in before.topics}
    for subject in result.missing if before.topics_by_file and now.topics_by_file else ():
        topic = next((subject.removesuffix(e) for e in _ENDS if subject.endswith(e)), subject)
        if topic != subject and topic not in named:
            message = f"no file is named for {subject} any more: it is not checked"
            yield Diagnostic(
                "policy-relaxed", Severity.WARNING, message, _place(now), subject, _ADVICE
            )


def _not_compared(error: SchemaregError, now: Config) -> Diagnostic:
    return Diagnostic(
        "policy-not-compared",
        Severity.INFO,
        f"whether the change relaxes the configuration is not known: {error.message}",
        _place(now),
        advice=error.advice,
    )


def _relaxed(before: Config, now: Config) -> Iterator[Diagnostic]:
    messages = [*_dropped(before, now), *_lighter_subjects(before, now)]
    try:
        if before.lint.values != now.lint.values or "extends" in now.lint.values:
            messages += _lighter_lint(before, now)
    except UsageError as error:
        yield _not_compared(error, now)
    for message in messages:
        yield Diagnostic("policy-relaxed", Severity.WARNING, message, _place(now), advice=_ADVICE)
    known = {replace(approval, location=_NOWHERE) for approval in before.approvals}
    for approval in now.approvals:
        if replace(approval, location=_NOWHERE) not in known:
            message = f"this change itself has a break {approval.describe()}"
            yield Diagnostic(
                "policy-relaxed",
                Severity.WARNING,
                message,
                approval.location,
                approval.subject,
                _ADVICE,
            )


def _grown_baseline(raw: bytes, now: Config) -> Iterator[Diagnostic]:
    """The findings that the baseline accepts, and did not as it was in `raw`."""
    from schemareg.lint.baseline import baseline_in, read_baseline

    path, shown = now.baseline, now.shown(now.baseline)
    try:
        old, new = baseline_in(raw, shown), read_baseline(path, shown, within=bounds_of(now))
    except UsageError:
        return  # lint reports a baseline that cannot be read
    more = {
        key: count - old.accepted.get(key, 0)
        for key, count in new.accepted.items()
        if count > old.accepted.get(key, 0)
    }
    if more:
        code, element = min(more)
        count = sum(more.values())
        message = f"the baseline accepts {count} more findings, first {code} at {element}"
        place = Location(shown)
        yield Diagnostic("policy-relaxed", Severity.WARNING, message, place, advice=_ADVICE)


def _lighter_lint(before: Config, now: Config) -> Iterator[str]:
    from schemareg.lint.configuration import lint_settings, rules_of
    from schemareg.lint.policy import Policy

    rules = rules_of(before)
    old, new = lint_settings(before, rules), lint_settings(now, rules_of(now))
    return _lint(old, new, Policy(rules, old, ()), Policy(rules_of(now), new, ()))


def _place(now: Config) -> Location:
    return Location(now.shown(now.source) if now.source else None)


def _dropped(before: Config, now: Config) -> Iterator[str]:
    """Topics, events, consumers and roots that are no longer judged."""
    topics = {topic.name: topic for topic in now.topics}
    for topic in before.topics:
        if topic.name not in topics:
            yield f"the topic {topic.name} is dropped: its subjects are not checked any more"
            continue
        gone = [event for event in topic.events if event not in topics[topic.name].events]
        if gone:
            yield f"the topic {topic.name} carries {', '.join(gone)} no longer"
        if topic.key is not None and topics[topic.name].key is None:
            yield f"the topic {topic.name} has a key no longer"
    kept = {*topics, *(each.name for each in (*before.topics, *now.topic_patterns))}
    for each in before.topic_patterns:
        if each.name not in kept:
            yield f"the topics {each.name} are dropped: those that fit have other settings"
    consumers = {consumer.name for consumer in now.consumers}
    for consumer in before.consumers:
        if consumer.name not in consumers:
            yield f"the consumer {consumer.name} is dropped: whom a change breaks is less known"
    searched = {pattern.root for pattern in (*before.root_patterns, *now.root_patterns)}
    plain = [root for root in now.roots if root not in searched]
    for root in before.roots:
        if root not in searched and not any(root.is_relative_to(other) for other in plain):
            yield f"the root {now.shown(root)} is dropped: its schemas are not read any more"
    known = {pattern.text for pattern in now.root_patterns}
    for pattern in before.root_patterns:
        if pattern.text not in known and not any(map(pattern.root.is_relative_to, plain)):
            yield f"the root {pattern.text} is dropped: its schemas are not read any more"
    for excluded in _new(before.exclude, now.exclude):
        yield f"{excluded} is excluded: its schemas are not read any more"
    if before.topics_by_file and not now.topics_by_file:
        yield "topics_by_file is off: files are not of the topic that they are named for any more"
    modules = {module.name: module for module in now.modules}
    for module in before.modules:
        if module.name not in modules:
            yield f"the module {module.name} is dropped: its subjects have other names"
        elif module.prefix != modules[module.name].prefix:
            given = modules[module.name].prefix
            yield f"modules.{module.name}.prefix is {given!r}, and was {module.prefix!r}"
    for layout in _new(now.versions, before.versions):
        yield f"versions lacks {layout.value}: earlier versions there are not compared any more"


def _lighter_subjects(before: Config, now: Config) -> Iterator[str]:
    old, new = _tables(before), _tables(now)
    for name, settings in old.items():
        for key in ("semantic", "removal"):
            was = getattr(settings, key)
            given = getattr(new[name], key) if name in new else None
            if was is not None and (given is None or given.rank > was.rank):
                yield f"{name}.{key} is {given.value if given else 'not set'}, and was {was.value}"


def _tables(config: Config) -> Mapping[str, SubjectSettings]:
    named = {f"subjects.{name}": settings for name, settings in config.settings}
    topics = (*config.topic_patterns, *config.topics)
    return named | {f"topics.{topic.name}": topic.settings for topic in topics}


def _lint(old: LintSettings, new: LintSettings, before: Policy, now: Policy) -> Iterator[str]:
    if new.preset.rank < old.preset.rank:
        yield f"lint.preset is {new.preset.value}, and was {old.preset.value}"
    for name, one in before.usual.chosen.items():
        after = now.usual.chosen.get(name)
        if after is None:
            if name in new.rules or new.preset is old.preset:
                yield f"the rule {name} is off, and reported with severity {one.severity.value}"
        elif after.severity.rank > one.severity.rank:
            yield f"the rule {name} is {after.severity.value}, and was {one.severity.value}"
    for ignore in _new(old.suppressions, new.suppressions):
        at = ignore.element or ignore.path
        yield f"the rule {ignore.rule} is ignored at {at}: {ignore.reason}"
    for override in new.overrides:
        if not any(replace(override, number=o.number) == o for o in old.overrides):
            about = ", ".join((*override.paths, *override.subjects))
            yield f"other rules are in force for {about}: lint.overrides"
    for rule in _new(old.ratchet, new.ratchet):
        yield f"the rule {rule} reports only what a change touches"


def _new(old: Iterable[T], new: Iterable[T]) -> list[T]:
    known = list(old)
    return [one for one in new if one not in known]
