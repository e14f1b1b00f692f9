"""Canonical texts of a schema, and their fingerprints, character for character as Avro Java's.

Source: Avro 1.12 specification, "Parsing Canonical Form for Schemas" and "Schema Fingerprints";
`Schema.toString` of Avro Java 1.12.1, which is Confluent's canonical text.
"""

from __future__ import annotations

import math
import re
from typing import Literal, assert_never

from schemareg.avro.depth import with_room
from schemareg.avro.schema import (
    PRIMITIVES,
    Array,
    Enum,
    Field,
    Fixed,
    JsonValue,
    Map,
    NamedType,
    NameRef,
    Node,
    Primitive,
    Props,
    Record,
    Schema,
    Union,
)

Algorithm = Literal["CRC-64-AVRO", "MD5", "SHA-256"]

_TYPE_WORDS = frozenset((*PRIMITIVES, "record", "enum", "array", "map", "union", "fixed"))
_CRC64_EMPTY = 0xC15D213AA4D7A795
_ESCAPED = re.compile(r'["\\\x00-\x1f]')
_SHORT_ESCAPES = {
    '"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r",
}  # fmt: skip


def to_text(schema: Schema) -> str:
    """The schema on one line as Avro Java's `Schema.toString` writes it.

    A type is in full where it is used first and by name from then on; types of the schema's
    references are by name throughout.
    """
    return with_room(lambda: _Text(schema).text())


def parsing_canonical_form(schema: Schema) -> str:
    """The Parsing Canonical Form: what decides how data is read, and nothing else.

    Types of the schema's references are in full, so equal forms mean equal data.
    """
    return with_room(lambda: _CanonicalForm().text(schema.root))


def fingerprint(schema: Schema, algorithm: Algorithm) -> str:
    """The hex digits of the Parsing Canonical Form's fingerprint, CRC-64 most significant first."""
    form = parsing_canonical_form(schema).encode("utf-8", "replace")
    match algorithm:
        case "CRC-64-AVRO":
            return f"{crc64(form):016x}"
        case "MD5":
            from hashlib import md5  # OpenSSL, which no comparison needs

            return md5(form, usedforsecurity=False).hexdigest()
        case "SHA-256":
            from hashlib import sha256

            return sha256(form).hexdigest()
        case _:
            assert_never(algorithm)


def crc64(octets: bytes) -> int:
    """The Rabin fingerprint of `octets`, 64 bits.

    Source: Avro 1.12 specification, "Schema Fingerprints".
    """
    crc = _CRC64_EMPTY
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = (crc >> 1) ^ (_CRC64_EMPTY if crc & 1 else 0)
    return crc


class _Text:
    """Writes nodes into `out`; remembers which names are known by now."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self.known: set[str] = set()
        self.out: list[str] = []

    def text(self) -> str:
        self.node(self.schema.root, "")
        return "".join(self.out)

    def node(self, node: Node, namespace: str) -> None:
        write = self.out.append
        match node:
            case Primitive():
                if node.props:
                    write(f'{{"type":"{node.kind}"')
                    write(_props(node.props))
                    write("}")
                else:
                    write(f'"{node.kind}"')
            case Array():
                write('{"type":"array","items":')
                self.node(node.items, namespace)
                write(_props(node.props))
                write("}")
            case Map():
                write('{"type":"map","values":')
                self.node(node.values, namespace)
                write(_props(node.props))
                write("}")
            case Union():
                write("[")
                for i, branch in enumerate(node.branches):
                    if i:
                        write(",")
                    self.node(branch, namespace)
                write("]")
            case NameRef():
                if node.fullname in self.schema.names:
                    self.named(node.target, namespace)
                else:
                    write(json_string(_qualified(node.fullname, namespace)))
            case Record() | Enum() | Fixed():
                self.named(node, namespace)
            case _:
                assert_never(node)

    def named(self, node: NamedType, namespace: str) -> None:
        write = self.out.append
        if node.fullname in self.known:
            write(json_string(_qualified(node.fullname, namespace)))
            return
        self.known.add(node.fullname)
        kind = "error" if isinstance(node, Record) and node.is_error else node.kind
        write(f'{{"type":"{kind}","name":{json_string(node.name)}')
        if node.namespace != namespace:
            write(f',"namespace":{json_string(node.namespace)}')
        if node.doc is not None:
            write(f',"doc":{json_string(node.doc)}')
        match node:
            case Record():
                write(',"fields":[')
                for i, field in enumerate(node.fields):
                    if i:
                        write(",")
                    self.field(field, node.namespace)
                write("]")
            case Enum():
                write(f',"symbols":{json_text(list(node.symbols))}')
                if node.default is not None:
                    write(f',"default":{json_string(node.default)}')
            case Fixed():
                write(f',"size":{node.size}')
            case _:
                assert_never(node)
        write(_props(node.props))
        if node.aliases:
            # the dot of `.Old` is lost, as it is in Avro Java
            names = [_qualified(alias.removeprefix("."), node.namespace) for alias in node.aliases]
            write(f',"aliases":{json_text([*names])}')
        write("}")

    def field(self, field: Field, namespace: str) -> None:
        write = self.out.append
        write(f'{{"name":{json_string(field.name)},"type":')
        self.node(field.type, namespace)
        if field.doc is not None:
            write(f',"doc":{json_string(field.doc)}')
        if field.default is not None:
            write(f',"default":{json_text(field.default.value)}')
        if field.order != "ascending":
            write(f',"order":"{field.order}"')
        if field.aliases:
            write(f',"aliases":{json_text([*field.aliases])}')
        write(_props(field.props))
        write("}")


def _props(props: Props) -> str:
    return "".join([f",{json_string(key)}:{json_text(value)}" for key, value in props.items()])


def _qualified(fullname: str, namespace: str) -> str:
    """`fullname` as it may be written inside `namespace`: short where that is unambiguous."""
    space, _, name = fullname.rpartition(".")
    if space == namespace and space and name not in _TYPE_WORDS:
        return name
    return fullname


class _CanonicalForm:
    """Writes nodes into `out`; remembers which names are known by now."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.out: list[str] = []

    def text(self, root: Node) -> str:
        self.node(root)
        return "".join(self.out)

    def node(self, node: Node) -> None:
        write = self.out.append
        match node:
            case Primitive():
                write(f'"{node.kind}"')
            case Array():
                write('{"type":"array","items":')
                self.node(node.items)
                write("}")
            case Map():
                write('{"type":"map","values":')
                self.node(node.values)
                write("}")
            case Union():
                write("[")
                for i, branch in enumerate(node.branches):
                    if i:
                        write(",")
                    self.node(branch)
                write("]")
            case NameRef():
                self.named(node.target)
            case Record() | Enum() | Fixed():
                self.named(node)
            case _:
                assert_never(node)

    def named(self, node: NamedType) -> None:
        write = self.out.append
        # names are unescaped: Avro Java escapes nothing in this form
        if node.fullname in self.known:
            write(f'"{node.fullname}"')
            return
        self.known.add(node.fullname)
        write(f'{{"name":"{node.fullname}","type":"{node.kind}"')
        match node:
            case Record():
                write(',"fields":[')
                for i, field in enumerate(node.fields):
                    write(f'{"," if i else ""}{{"name":"{field.name}","type":')
                    self.node(field.type)
                    write("}")
                write("]")
            case Enum():
                symbols = ",".join(f'"{symbol}"' for symbol in node.symbols)
                write(f',"symbols":[{symbols}]')
            case Fixed():
                write(f',"size":{node.size}')
            case _:
                assert_never(node)
        write("}")


def json_text(value: JsonValue) -> str:
    """JSON on one line, numbers and escapes spelt as Jackson spells them."""
    if isinstance(value, str):
        return json_string(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return java_number(value)
    if isinstance(value, dict):
        members = [f"{json_string(k)}:{json_text(v)}" for k, v in value.items()]
        return f"{{{','.join(members)}}}"
    return f"[{','.join([json_text(v) for v in value])}]"


def json_string(text: str) -> str:
    """`text` as Jackson quotes it: only quotes, backslashes and control characters escaped.

    Half a surrogate pair becomes a question mark, as where Java writes UTF-8.
    """
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode("utf-8")
    if _ESCAPED.search(text) is None:
        return f'"{text}"'
    return f'"{_ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    return _SHORT_ESCAPES.get(char) or f"\\u{ord(char):04X}"


def java_number(value: float) -> str:
    """A double as `Double.toString` (Java 19 and newer) spells it: shortest, `1.0E10`.

    What is no JSON number is quoted, as Jackson does.
    """
    if math.isnan(value):
        return '"NaN"'
    if math.isinf(value):
        return '"Infinity"' if value > 0 else '"-Infinity"'
    sign = "-" if math.copysign(1.0, value) < 0 else ""
    if value == 0:
        return f"{sign}0.0"
    # Java takes the nearest of two digits where one would do: 4.9E-324
    nearest = f"{abs(value):.1e}"
    shortest = f"{abs(value)!r}"
    spelling = nearest if float(nearest) == abs(value) else shortest
    mantissa, _, exponent = spelling.partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    # the value is 0.digits x 10^point
    leading_zeros = len(whole + fraction) - len(digits)
    point = len(whole) - leading_zeros + int(exponent or 0)
    digits = digits.rstrip("0") or "0"
    if 1e-3 <= abs(value) < 1e7:
        return sign + _plain(digits, point)
    return f"{sign}{digits[0]}.{digits[1:] or '0'}E{point - 1}"


def _plain(digits: str, point: int) -> str:
    if point <= 0:
        return f"0.{'0' * -point}{digits}"
    return f"{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"
