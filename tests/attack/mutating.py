"""Random schemas, and small damage to bytes and texts; all of it follows from one Random."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from random import Random
from typing import Any

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
LOGICAL: tuple[dict[str, Any], ...] = (
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2},
)
FIELDS = ("id", "total", "note", "state", "at")


class SchemaMaker:
    """Valid schemas: each call of `record` gives a new one."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._names = 0

    def record(self) -> dict[str, Any]:
        """A record of one to four fields, which later fields may hold again."""
        self._names = 0
        return self._record(3, ())

    def _record(self, depth: int, around: tuple[str, ...]) -> dict[str, Any]:
        name = self._name()
        chosen = self._rng.sample(FIELDS, self._rng.randint(1, 4))
        fields = [{"name": f, "type": self._type(depth - 1, (*around, name))} for f in chosen]
        return {"type": "record", "name": name, "fields": fields}

    def _name(self) -> str:
        self._names += 1
        return f"T{self._names}"

    def _type(self, depth: int, around: tuple[str, ...]) -> Any:
        rng = self._rng
        kinds = ["primitive", "logical", "enum", "fixed"]
        kinds += ["array", "map", "union", "record", "recursion"] if depth > 0 else []
        match rng.choice(kinds):
            case "primitive":
                return rng.choice(PRIMITIVES)
            case "logical":
                return dict(rng.choice(LOGICAL))
            case "enum":
                symbols = ["A", "B", "C"][: rng.randint(1, 3)]
                return {"type": "enum", "name": self._name(), "symbols": symbols}
            case "fixed":
                return {"type": "fixed", "name": self._name(), "size": rng.randint(0, 4)}
            case "array":
                return {"type": "array", "items": self._type(depth - 1, around)}
            case "map":
                return {"type": "map", "values": self._type(depth - 1, around)}
            case "union":
                return ["null", rng.choice(PRIMITIVES[1:5]), self._record(depth - 1, around)]
            case "recursion":
                return ["null", rng.choice(around)]
            case _:
                return self._record(depth - 1, around)

    def evolved(self, record: dict[str, Any]) -> dict[str, Any]:
        """`record` after a change that authors make; compatible or not."""
        new: dict[str, Any] = json.loads(json.dumps(record))
        fields = new["fields"]
        match self._rng.choice(("drop", "add", "retype", "wrap", "swap")):
            case "drop" if "name" not in json.dumps(fields[-1]["type"]):
                fields.pop()
            case "add":
                fields.append({"name": "added", "type": "long", "default": 7})
            case "retype":
                field = self._rng.choice(fields)
                if isinstance(field["type"], str):
                    field["type"] = self._rng.choice(PRIMITIVES)
            case "wrap":
                field = self._rng.choice(fields)
                if not isinstance(field["type"], list):
                    field["type"] = ["null", field["type"]] if field["type"] != "null" else ["null"]
            case _:
                self._rng.shuffle(fields)
        return new


ODD_BYTES = (
    b"\x00", b"\x01", b"\x7f", b"\x80", b"\xff", b"\x02", b"\xfe\xff\xff\xff\x0f",
    b"\xff" * 9 + b"\x01", b"\x80" * 9 + b"\x01", b"\xff" * 12, b"\xc0\x80", b"\xed\xa0\x80",
)  # fmt: skip

ODD_JSON = (
    b"[" * 3000, b'{"a":' * 3000, b"9" * 5000, b"-", b"1e999999999", b"1e-999999999", b"NaN",
    b"null", b"true", b"{}", b"[]", b'""', b'"\\u0000"', b'"\\ud800"', b'"\\', b'"/*', b"//",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\xc2\x9b31m", b"\x1b[31m",
    b"\n::add-mask::a", b'"type":', b'"name":"..",', b'"default":', b'"size":2147483647',
    b'"size":-1', b'"logicalType":"decimal","precision":', b'"items":', b'"aliases":["a","a"],',
    b'"namespace":"",', b'["null","null"]', b"2147483648",
)  # fmt: skip
_CYCLE = b"".join(b"record R%d { R%d r; } " % (n, (n + 1) % 500) for n in range(500))
ODD_IDL = (
    b"array<" * 3000, b"union {" * 3000, b"@a(" * 1000, b"[" * 3000, b"9" * 5000, b"1e999999999",
    b"0x", b"/*", b"/**", b'"', b'"\\', b"`", b"``", b"?", b"NaN", b"-Infinity", b"\x1a",
    b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xae", b"\x1b[31m", b"\n::add-mask::a",
    b'@namespace("..")', b"@aliases(1)", b'@order("x")', b"decimal(9999999999,1)", b"schema int;",
    b'import idl "../../x.avdl";', b"enum E {} = A;", b"fixed F(-1);", b"void f() oneway;", _CYCLE,
)  # fmt: skip
ODD_TOML = (
    b"[" * 3000, b"a = " + b"[" * 3000 + b"\n", b"a.b." * 500, b"9" * 5000, b"0x", b"1e400",
    b"nan",
    b"\n[[lint.ignore]]\n", b"\n[topics.t]\n", b"\n[kafka]\n", b'"\\u0000"',
    b'"' + b"x" * 300 + b'"', b"\n[environments.e]\n", b'"""', b"'''", b"\\", b"true", b"[]",
    b"{}", b"1979-05-27", b"-inf", b'roots = ["x\\u001b"]', b'"\\u202e"', b"\xff",
    b"\xef\xbb\xbf", b"\r", b"\x00", b'pattern = "("', b'"(a+)+"', b'["a", 1]', b'"../.."',
    b'"/dev/zero"', b'"/"', b"=", b".", b"{ a = { a = { a = 1 } } }",
)  # fmt: skip
"""Pieces that have hurt readers of JSON and TOML."""


def damaged(rng: Random, data: bytes, odd: tuple[bytes, ...] = ODD_BYTES) -> bytes:
    """`data` with one to three bytes or pieces changed, cut, doubled or put in."""
    out = bytearray(data)
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(out))
        match rng.randrange(7):
            case 0 if out:
                out[at % len(out)] ^= 1 << rng.randrange(8)
            case 1 if out:
                out[at % len(out)] = rng.randrange(256)
            case 2:
                del out[at : at + rng.randint(1, 8)]
            case 3:
                out[at:at] = rng.choice(odd)
            case 4:
                out[at:at] = out[at : at + rng.randint(1, 20)] * rng.randint(1, 3)
            case 5:
                del out[at:]
            case _:
                piece = rng.choice(odd)
                out[at : at + len(piece)] = piece
    return bytes(out)


VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 10**400, 1e308, "", "x", "a" * 300, "\u202e",
    "\x1b[31m",
    "a\nb", "int", "null", "E", "..", "/dev/zero", "(", "(a+)+", "*", [], {}, [[]], ["int", "int"],
    ["null", "E"], {"type": "E"}, {"type": "array", "items": "null"}, {"": ""}, [None], [{}],
    "\x00",
    {"type": "fixed", "name": "X", "size": 2**31 - 1}, 0.1, "1e5", "NaN", "2026-01-01", "\ud800",
)  # fmt: skip
"""Values of a wrong kind or size in the place of a right one."""


def altered_json(rng: Random, raw: bytes) -> bytes:
    """`raw`, a JSON document, with one or two of its values or keys replaced or gone."""
    value = json.loads(raw)
    for _ in range(rng.randint(1, 2)):
        holder = value
        while True:
            if not isinstance(holder, dict | list) or not holder:
                break
            key = rng.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
            if isinstance(holder[key], dict | list) and holder[key] and rng.random() < 0.8:
                holder = holder[key]
                continue
            match rng.randrange(4):
                case 0:
                    del holder[key]
                case 1 if isinstance(holder, dict):
                    holder[rng.choice(KEYS)] = holder.pop(key)
                case _:
                    holder[key] = deepcopy(rng.choice(VALUES))
            break
    return json.dumps(value).encode()


KEYS = (
    "type",
    "name",
    "default",
    "items",
    "fields",
    "aliases",
    "doc",
    "size",
    "",
    "a\nb",
    "\ud800",
)
_VALUE = re.compile(rb"= *([^\n=]*)$", re.MULTILINE)
_KEY = re.compile(rb"^\[*[\w.\"-]+", re.MULTILINE)
TOML_VALUES = (
    b"true", b"0", b"-1", b"9" * 5000, b"inf", b"nan", b"1979-05-27T07:32:00Z", b"07:32:00",
    b"[]", b"{}",
    b'""', b'"x"', b"[[]]", b'["a", "a"]', b'["a", 1]', b'{ a = "b" }', b'"' + b"x" * 300 + b'"',
    b'"("',
    b'"(a+)+"', b'"*"', b'"/dev/zero"', b'"../.."', b'"/"', b'"\\u202e"', b'"\\u0000"', b'"1d"',
    b'"-1s"',
    b'"99999999999999999999w"', b'["**/**/**/**/*"]', b'"a.b.E"', b'"http://u:p@h:99999/"',
    b'"[::1"',
    b'[{ event = "e", topic = "t" }]', b'["events"]', b'"FULL"', b'"topic-record"', b"1e308",
    b'"\\\\"',
)  # fmt: skip
"""Values of TOML in the place of a right one."""


def altered_toml(rng: Random, raw: bytes) -> bytes:
    """`raw`, a TOML document, with some values or keys replaced by odd ones."""
    for _ in range(rng.randint(1, 3)):
        pattern, odd = (_VALUE, TOML_VALUES) if rng.random() < 0.8 else (_KEY, TOML_KEYS)
        places = list(pattern.finditer(raw))
        if not places:
            break
        start, end = rng.choice(places).span(1 if pattern is _VALUE else 0)
        raw = raw[:start] + rng.choice(odd) + raw[end:]
    return raw


TOML_KEYS = (
    b"x",
    b"a.b",
    b'""',
    b'"\\n"',
    b"[lint",
    b"[[topics",
    b"roots",
    b"level",
    b"[services.a",
)
