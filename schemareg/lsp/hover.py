"""What an editor shows of the name under the cursor: type, registered versions, and rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from schemareg.avro.schema import (
    Array,
    Enum,
    Field,
    Fixed,
    Map,
    NamedType,
    Node,
    Record,
    Union,
    name_of,
    resolve,
)
from schemareg.findings import Diagnostic
from schemareg.lint import RULES
from schemareg.lint.rule import rules_by_word
from schemareg.lsp.analysis import Analysis
from schemareg.lsp.symbols import Occurrence
from schemareg.report.escape import markdown, markdown_block, markdown_code
from schemareg.workspace import ProjectSubject

_MOST_SYMBOLS = 12
_MOST_FIELDS = 20


def spelled(node: Node) -> str:
    """A type in one line: `array<com.company.Line>`, `union<null, long:timestamp-millis>`."""
    match node:
        case Array():
            return f"array<{spelled(node.items)}>"
        case Map():
            return f"map<{spelled(node.values)}>"
        case Union():
            return f"union<{', '.join(map(spelled, node.branches))}>"
        case _:
            props = getattr(resolve(node), "props", {})
            logical = props.get("logicalType")
            return f"{name_of(node)}:{logical}" if isinstance(logical, str) else name_of(node)


def hover_text(analysis: Analysis, at: Occurrence, findings: Sequence[Diagnostic]) -> str:
    """Markdown about the name `at`, where `findings` are reported."""
    lines = list(_field(at.field) if at.field else _type(at.type))
    lines += _defined_in(analysis, at)
    lines += _registered(analysis, at)
    lines += rule_lines(findings)
    return "\n\n".join(lines)


def _field(field: Field) -> Iterator[str]:
    default = "" if field.default is None else f" = {json.dumps(field.default.value)}"
    yield markdown_block(f"{field.name}: {spelled(field.type)}{default}\n")
    yield from _doc(field.doc)
    if field.aliases:
        yield f"Aliases: {', '.join(map(markdown_code, field.aliases))}"
    type_ = resolve(field.type)
    if isinstance(type_, Record | Enum | Fixed):
        yield from _type(type_)


def _type(type_: NamedType) -> Iterator[str]:
    match type_:
        case Record():
            fields = [f"  {field.name}: {spelled(field.type)}" for field in type_.fields]
            shown = [*fields[:_MOST_FIELDS], *(["  …"] if len(fields) > _MOST_FIELDS else [])]
            body = "\n".join([f"{type_.kind} {type_.fullname} {{", *shown, "}"])
        case Enum():
            more = ", …" if len(type_.symbols) > _MOST_SYMBOLS else ""
            body = f"enum {type_.fullname} {{ {', '.join(type_.symbols[:_MOST_SYMBOLS])}{more} }}"
        case Fixed():
            body = f"fixed {type_.fullname}({type_.size})"
    yield markdown_block(f"{body}\n")
    yield from _doc(type_.doc)
    if type_.aliases:
        yield f"Aliases: {', '.join(map(markdown_code, type_.aliases))}"


def _defined_in(analysis: Analysis, at: Occurrence) -> Iterator[str]:
    if not at.is_definition:
        name, module = at.symbol.fullname, at.symbol.module
        files = (f for f in analysis.project.files if f.modules[0] == module)
        paths = [file.path for file in files if name in file.schema.names]
        if paths:
            yield f"Defined in {', '.join(map(markdown_code, paths))}"


def _registered(analysis: Analysis, at: Occurrence) -> Iterator[str]:
    """The versions of the subjects that hold the type, in what the project is compared with."""
    if analysis.state is None:
        return
    origin = analysis.state.origin
    for subject in analysis.project.subjects:
        if not _holds(subject, at):
            continue
        versions = analysis.state.versions(subject.subject)
        names = ", ".join(origin.name_of(version.version) for version in versions)
        level = analysis.state.level(subject.subject) or subject.level
        shown = f"{markdown_code(subject.subject)}: {names or 'not registered'}"
        yield shown + (f" ({level})" if level else "") + f", in {markdown(origin.description)}"


def _holds(subject: ProjectSubject, at: Occurrence) -> bool:
    name, module = at.symbol.fullname, at.symbol.module
    return name in subject.schema.names and module in ("", subject.modules[0])


def rule_lines(findings: Sequence[Diagnostic]) -> Iterator[str]:
    """The rule of each of `findings` with its reason."""
    known = rules_by_word(RULES)
    for name in dict.fromkeys(each.rule for each in findings):
        rule = known.get(name)
        if rule is not None:
            yield f"**{rule.code} {rule.name}** {rule.text.summary} {rule.text.reason}"


def _doc(doc: str | None) -> Iterator[str]:
    if doc:
        yield markdown(doc)
