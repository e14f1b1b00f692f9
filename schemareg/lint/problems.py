"""The rules that the parser enforces: each problem of a refused schema is reported under one."""

from __future__ import annotations

from schemareg.findings import Severity
from schemareg.lint.rule import Rule
from schemareg.lint.settings import Preset

FAMILY = "validity"


def _rule(code: str, name: str, doc: str) -> Rule:
    return Rule(code, name, FAMILY, Severity.ERROR, Preset.MINIMAL, doc)


RULES: tuple[Rule, ...] = (
    _rule(
        "SR001",
        "json-syntax",
        """A file that is not JSON.

Bad:
    {"type": "record", "name": "Paid", "fields": [}
Good:
    {"type": "record", "name": "Paid", "fields": []}
""",
    ),
    _rule(
        "SR002",
        "unresolved-type",
        """A type is used that no file of the project defines.

Bad:
    {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type": "shop.Money"}]}
Good:
    {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type": "shop.Money"}]}
    ---
    {"type": "record", "name": "Money", "namespace": "shop", "fields": []}
""",
    ),
    _rule(
        "SR003",
        "duplicate-type-definition",
        """A full name is defined twice.

Bad:
    {"type": "fixed", "name": "Digest", "size": 16}
    ---
    {"type": "fixed", "name": "Digest", "size": 32}
Good:
    {"type": "fixed", "name": "Digest", "size": 16}
    ---
    {"type": "fixed", "name": "LongDigest", "size": 32}
""",
    ),
    _rule(
        "SR004",
        "circular-reference-between-files",
        """Files use each other in a cycle.

A registry stores a schema after those it refers to, so no file of a cycle could be the first.
Types that contain each other are defined in one file.

Bad:
    {"type": "record", "name": "A", "fields": [{"name": "b", "type": ["null", "B"]}]}
    ---
    {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}
Good:
    {"type": "record", "name": "A", "fields": [{"name": "b", "type": ["null",
      {"type": "record", "name": "B", "fields": [{"name": "a", "type": ["null", "A"]}]}]}]}
""",
    ),
    _rule(
        "SR005",
        "invalid-default",
        """A default that does not fit its type.

Some implementations notice only when a reader needs it.

Bad:
    {"type": "record", "name": "Paid", "fields": [
      {"name": "tries", "type": "int", "default": "one"}]}
Good:
    {"type": "record", "name": "Paid", "fields": [
      {"name": "tries", "type": "int", "default": 1}]}
""",
    ),
    _rule(
        "SR006",
        "invalid-name",
        """A name that Avro does not allow.

Bad:
    {"type": "record", "name": "Paid", "fields": [{"name": "paid-by", "type": "string"}]}
Good:
    {"type": "record", "name": "Paid", "fields": [{"name": "paidBy", "type": "string"}]}
""",
    ),
    _rule(
        "SR007",
        "duplicate-field-name",
        """Two fields of a record share a name.

Bad:
    {"type": "record", "name": "Paid", "fields": [
      {"name": "by", "type": "string"}, {"name": "by", "type": "long"}]}
Good:
    {"type": "record", "name": "Paid", "fields": [
      {"name": "by", "type": "string"}, {"name": "at", "type": "long"}]}
""",
    ),
    _rule(
        "SR008",
        "duplicate-enum-symbol",
        """An enum has a symbol twice.

Bad:
    {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH", "SMS"]}
Good:
    {"type": "enum", "name": "Channel", "symbols": ["SMS", "PUSH"]}
""",
    ),
    _rule(
        "SR009",
        "nested-or-duplicate-union",
        """A union inside a union, or a union with two branches of one type.

Bad:
    {"type": "record", "name": "Paid", "fields": [
      {"name": "by", "type": ["string", "null", "string"]}]}
Good:
    {"type": "record", "name": "Paid", "fields": [
      {"name": "by", "type": ["string", "null"]}]}
""",
    ),
    _rule(
        "SR010",
        "fixed-size-invalid",
        """A fixed whose size is not a whole number that Avro accepts.

Bad:
    {"type": "fixed", "name": "Digest", "size": -1}
Good:
    {"type": "fixed", "name": "Digest", "size": 16}
""",
    ),
    _rule(
        "SR011",
        "invalid-schema",
        """JSON that is not an Avro schema in any other way.

Bad:
    {"type": "record", "name": "Paid"}
Good:
    {"type": "record", "name": "Paid", "fields": []}
""",
    ),
)
