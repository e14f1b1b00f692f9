"""Rules about names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from schemareg.avro.schema import Enum, Record
from schemareg.findings import Severity
from schemareg.lint.facts import ProjectSite
from schemareg.lint.name_words import has_words, words
from schemareg.lint.nodes import without_null
from schemareg.lint.proposals import renamed_field
from schemareg.lint.rule import Issue, Proposal, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import FieldSite, FileSite, Trait, TypeSite

# Patterns are compiled by the first name that they are for, and no rule of the default preset is.
_PASCAL = r"[A-Z][A-Za-z0-9]*"
_UPPER_SNAKE = r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"
_SNAKE = r"[a-z][a-z0-9]*(_[a-z0-9]+)*"
_CAMEL = r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)*"


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in words(name))


def _camel(name: str) -> str:
    first, *rest = words(name) or ("",)
    return first + "".join(word.capitalize() for word in rest)


@rule("SR301", TypeSite, severity=Severity.WARNING, preset=Preset.STRICT)
def type_name_pascal_case(site: TypeSite) -> Iterator[Issue]:
    """A type name that is not in PascalCase.

    Generated classes have it as their name.

    Bad:
        {"type": "record", "name": "order_paid", "fields": []}
    Good:
        {"type": "record", "name": "OrderPaid", "fields": []}
    """
    name = site.node.name
    if not re.fullmatch(_PASCAL, name):
        yield Issue(
            f"the type name {name!r} is not PascalCase",
            f"name it {_pascal(name)!r}; once registered, readers need the old full name as alias",
        )


@rule(
    "SR302",
    ProjectSite,
    severity=Severity.WARNING,
    preset=Preset.STRICT,
    choices={"style": ("auto", "camel", "snake")},
)
def field_name_case(site: ProjectSite, *, style: str = "auto") -> Iterator[Issue]:
    """A field name in another case than the project's.

    `style` is `camel`, `snake`, or `auto`: what most fields of the project have. Names of one
    word fit both.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "orderId", "type": "long"}, {"name": "paidBy", "type": "string"},
          {"name": "paid_from", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "orderId", "type": "long"}, {"name": "paidBy", "type": "string"},
          {"name": "paidFrom", "type": "string"}]}
    """
    chosen = _usual_case(site) if style == "auto" else style
    if chosen is None:
        return
    pattern = _SNAKE if chosen == "snake" else _CAMEL
    for field in site.fields:
        name = field.name
        if not re.fullmatch(pattern, name):
            right = "_".join(words(name)) if chosen == "snake" else _camel(name)
            yield Issue(
                f"the field name {name!r} is not {chosen}{'_case' if chosen == 'snake' else 'Case'}"
                + (", which most fields here have" if style == "auto" else ""),
                f"name it {right!r}; once registered, readers need the old name as alias",
                field,
                fix=Proposal(
                    f"rename it to {right!r}, with the old name as alias",
                    renamed_field(field.pointer, name, right),
                    is_safe=False,
                ),
            )


def _usual_case(site: ProjectSite) -> str | None:
    """The case of more than half of the names of several words; None where there is no such."""
    several = [field.name for field in site.fields if len(words(field.name)) > 1]
    snake = sum(1 for name in several if re.fullmatch(_SNAKE, name))
    camel = sum(1 for name in several if re.fullmatch(_CAMEL, name))
    if 2 * max(snake, camel) <= len(several):
        return None
    return "snake" if snake > camel else "camel"


@rule("SR303", TypeSite, severity=Severity.WARNING, preset=Preset.STRICT, traits=Trait.ENUM)
def enum_symbol_upper_snake(site: TypeSite) -> Iterator[Issue]:
    """An enum symbol that is not in UPPER_SNAKE_CASE.

    Bad:
        {"type": "enum", "name": "Channel", "symbols": ["Sms", "PUSH"]}
    Good:
        {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
    """
    if isinstance(site.node, Enum):
        for index, symbol in enumerate(site.node.symbols):
            if not re.fullmatch(_UPPER_SNAKE, symbol):
                right = "_".join(words(symbol)).upper()
                yield Issue(
                    f"the symbol {symbol!r} is not UPPER_SNAKE_CASE",
                    f"name it {right!r} before it is registered: a symbol has no alias, so a"
                    " registered one cannot be renamed",
                    site.at(f"/symbols/{index}"),
                )


@rule("SR306", FileSite, severity=Severity.WARNING, preset=Preset.STRICT)
def file_name_matches_type(site: FileSite) -> Iterator[Issue]:
    """A file that is not named after the type it defines.

    Any spelling of the same words is accepted: OrderPaid.avsc, order-paid.avsc, order_paid.avsc,
    and the ending of a subject, as in order-paid-value.avsc.

    Bad:
        file: order.avsc
        {"type": "record", "name": "OrderPaid", "fields": []}
    Good:
        file: OrderPaid.avsc
        {"type": "record", "name": "OrderPaid", "fields": []}
    """
    if site.file.fullname is None:
        return
    stem = site.file.path.rpartition("/")[2].removesuffix(".avsc")
    short = site.file.fullname.rpartition(".")[2]
    spelt = "".join(words(re.sub(r"-(key|value)$", "", stem)))
    if spelt not in ("".join(words(short)), "".join(words(site.file.fullname))):
        yield Issue(
            f"the file defines {short}, but is named {stem}.avsc", f"name the file {short}.avsc"
        )


@rule("SR307", TypeSite, severity=Severity.WARNING)
def version_in_type_name(site: TypeSite) -> Iterator[Issue]:
    """A type name that ends in a version.

    A registry counts versions itself: a new name is a new type, which no reader of the old one
    reads.

    Bad:
        {"type": "record", "name": "OrderPaidV2", "fields": []}
    Good:
        {"type": "record", "name": "OrderPaid", "fields": []}
    """
    if re.search(r"[a-z0-9]_?[Vv]\d+$", site.node.name):
        yield Issue(
            f"{site.node.name!r} has a version in its name",
            "change the type compatibly, or give a new type a name that describes it",
        )


@rule("SR308", FileSite, severity=Severity.INFO, preset=Preset.STRICT)
def event_name_past_tense(
    site: FileSite,
    *,
    irregular: tuple[str, ...] = (
        "sent", "paid", "sold", "bought", "built", "lost", "left", "made", "met", "put", "read",
        "set", "shown", "taken", "told", "won", "withdrawn", "written", "begun", "broken", "chosen",
        "drawn", "fallen", "found", "frozen", "given", "gone", "held", "hidden", "kept", "known",
        "overdue", "reset", "seen", "shut", "split", "spent", "stolen", "cut", "hit", "let", "come",
    ),
) -> Iterator[Issue]:  # fmt: skip
    """An event that is not named as a fact that happened.

    `irregular` are past forms that do not end in -ed.

    Bad:
        topic: CreateOrder
        {"type": "record", "name": "CreateOrder", "fields": []}
    Good:
        topic: OrderCreated
        {"type": "record", "name": "OrderCreated", "fields": []}
    """
    if not site.is_event or site.file.fullname is None:
        return
    name = site.file.fullname.rpartition(".")[2]
    parts = [
        word for word in words(name) if word not in ("event", "out", "up", "off", "in", "back")
    ]
    if parts and not parts[-1].endswith("ed") and parts[-1] not in irregular:
        yield Issue(
            f"the name of the event {name!r} does not state what happened",
            "name it like OrderCreated before it is registered",
        )


@rule("SR309", FieldSite, severity=Severity.INFO, preset=Preset.STRICT)
def redundant_prefix(site: FieldSite) -> Iterator[Issue]:
    """A field that repeats its record's name.

    Bad:
        {"type": "record", "name": "Order", "fields": [{"name": "orderTotal", "type": "long"}]}
    Good:
        {"type": "record", "name": "Order", "fields": [
          {"name": "total", "type": "long"}, {"name": "orderId", "type": "string"}]}
    """
    own, name = words(site.record.name), words(site.field.name)
    if len(name) > len(own) and name[: len(own)] == own and name[len(own) :] != ("id",):
        yield Issue(
            f"{site.field.name!r} repeats {site.record.name}",
            "leave out the prefix; once registered, readers need the old name as alias",
        )


@rule("SR310", FieldSite, severity=Severity.INFO, preset=Preset.ALL)
def abbreviated_name(
    site: FieldSite,
    *,
    short: tuple[str, ...] = ("dt", "qty", "amt", "cd", "nbr", "desc", "addr", "cust", "usr"),
) -> Iterator[Issue]:
    """A field with a short form in its name.

    `short` are the forms that are not wanted.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "qty", "type": "int"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "quantity", "type": "int"}]}
    """
    form = next((word for word in words(site.field.name) if word in short), None)
    if form:
        yield Issue(
            f"{site.field.name!r} has the short form {form!r}",
            "write the word; once registered, readers need the old name as alias",
        )


@rule("SR311", FieldSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.BOOLEAN)
def negated_boolean(site: FieldSite) -> Iterator[Issue]:
    """A boolean whose name states what is not.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "isNotFinal", "type": "boolean"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "isFinal", "type": "boolean"}]}
    """
    if without_null(site.field.type).kind == "boolean" and has_words(
        site.field.name, ("not", "no", "disable", "disabled", "non", "without")
    ):
        yield Issue(
            f"{site.field.name!r} is named after what is not",
            "name it after what is, in a new field: its values have the opposite meaning",
        )


@rule("SR312", TypeSite, severity=Severity.ERROR, traits=Trait.RECORD)
def name_case_insensitive_clash(site: TypeSite) -> Iterator[Issue]:
    """Two fields of a record differ only by case or underscores.

    They collide as columns of SQL sinks and as members of generated classes.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "userId", "type": "string"}, {"name": "user_id", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "userId", "type": "string"}, {"name": "payerId", "type": "string"}]}
    """
    if not isinstance(site.node, Record):
        return
    first: dict[str, str] = {}
    for index, field in enumerate(site.node.fields):
        other = first.setdefault(field.name.replace("_", "").lower(), field.name)
        if other != field.name:
            yield Issue(
                f"{other!r} and {field.name!r} differ only in spelling",
                "rename the newer one; once registered, readers need the old name as alias",
                site.at(f"/fields/{index}"),
            )


@rule("SR313", TypeSite, severity=Severity.ERROR)
def name_not_ascii(site: TypeSite) -> Iterator[Issue]:
    """A name with letters outside of ASCII.

    Avro 1.12 in Java accepts them; registries, Avro before 1.12 and most other languages do not.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "größe", "type": "int"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "groesse", "type": "int"}]}
    """
    node = site.node
    names = [(name, "") for name in (node.name, *node.namespace.split("."))]
    if isinstance(node, Record):
        names += [(field.name, f"/fields/{i}") for i, field in enumerate(node.fields)]
    if isinstance(node, Enum):
        names += [(symbol, f"/symbols/{i}") for i, symbol in enumerate(node.symbols)]
    for name, tokens in names:
        if not name.isascii():
            yield Issue(
                f"{name!r} has letters outside of ASCII",
                "spell it with a-z, 0-9 and _; once registered, readers need the old name as alias",
                site.at(tokens),
            )


@rule("SR314", FieldSite, severity=Severity.INFO, preset=Preset.STRICT)
def name_too_long(site: FieldSite, *, most: int = 63) -> Iterator[Issue]:
    """A field name that is cut off where columns are named after it.

    PostgreSQL keeps 63 characters of a name, and two that start alike then collide.

    Bad:
        most = 10
        {"type": "record", "name": "Paid", "fields": [{"name": "paymentMethod", "type": "int"}]}
    Good:
        most = 13
        {"type": "record", "name": "Paid", "fields": [{"name": "paymentMethod", "type": "int"}]}
    """
    name = site.field.name
    if len(name) > most:
        yield Issue(
            f"{name!r} has {len(name)} characters",
            f"use at most {most}; once registered, readers need the old name as alias",
        )


@rule("SR315", FieldSite, severity=Severity.INFO, preset=Preset.STRICT)
def leading_underscore(site: FieldSite) -> Iterator[Issue]:
    """A field name that starts with an underscore.

    Search engines, document stores and generated classes reserve such names.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "_id", "type": "string"}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "id", "type": "string"}]}
    """
    if site.field.name.startswith("_"):
        yield Issue(
            f"{site.field.name!r} starts with an underscore",
            "leave it out; once registered, readers need the old name as alias",
        )
