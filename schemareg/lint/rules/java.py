"""Rules about properties that Avro Java reads in a schema, and what they do there."""

from __future__ import annotations

from collections.abc import Iterator

from schemareg.avro.schema import Fixed, Primitive
from schemareg.findings import Severity
from schemareg.lint.nodes import logical_name
from schemareg.lint.rule import Issue, rule
from schemareg.lint.settings import Preset
from schemareg.lint.sites import NodeSite, Trait

_JAVA_CLASSES = ("avro.java.string", "java-class", "java-key-class", "java-element-class")


@rule("SR111", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def logical_type_ignored_by_java(site: NodeSite) -> Iterator[Issue]:
    """A logical type beside a Java class, for which Avro Java ignores it.

    Other languages use the logical type, so one event has two values.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "paymentId", "type":
          {"type": "string", "logicalType": "uuid", "avro.java.string": "String"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "paymentId", "type":
          {"type": "string", "logicalType": "uuid"}}]}
    """
    name, node = logical_name(site.node), site.node
    if name is None or not isinstance(node, Primitive | Fixed):
        return
    key = next((key for key in _JAVA_CLASSES if isinstance(node.props.get(key), str)), None)
    if key is not None:
        yield Issue(
            f"Avro Java ignores the logical type {name!r} beside {key!r}",
            f"remove {key!r} (the bytes stay the same)",
        )


@rule("SR112", NodeSite, severity=Severity.WARNING, traits=Trait.PROPERTIES)
def java_class_on_string(site: NodeSite) -> Iterator[Issue]:
    """A string with a `java-class`, which Avro Java's generic reader fails on.

    Avro Java 1.12.1 throws ClassCastException on every event that has the field, unless it reads
    into a generated class.

    Bad:
        {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type":
          {"type": "string", "java-class": "java.math.BigDecimal"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "sum", "type": "string"}]}
    """
    node = site.node
    if isinstance(node, Primitive) and node.kind == "string":
        given = node.props.get("java-class")
        if isinstance(given, str):
            yield Issue(
                f"Avro Java's generic reader fails on the java-class {given!r} of a string",
                "remove it (the bytes stay the same)",
            )


@rule("SR411", NodeSite, severity=Severity.INFO, preset=Preset.STRICT, traits=Trait.PROPERTIES)
def java_string_property(site: NodeSite) -> Iterator[Issue]:
    """A property that a Java code generator left in the schema.

    `avro.java.string` is how one language represents text; it changes the registered schema for
    all.

    Bad:
        {"type": "record", "name": "Paid", "fields": [
          {"name": "by", "type": {"type": "string", "avro.java.string": "String"}}]}
    Good:
        {"type": "record", "name": "Paid", "fields": [{"name": "by", "type": "string"}]}
    """
    if isinstance(site.value, dict) and "avro.java.string" in site.value:
        yield Issue(
            "the property 'avro.java.string' is for one language",
            "remove it (the bytes stay the same)",
        )
