"""A value of any result's type, made from the types alone: every text in it is a given one."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, ForwardRef, Literal, NewType, Union, get_args, get_origin, get_type_hints

from schemareg.avro import Schema, parse
from schemareg.avro import schema as avro
from schemareg.compat import can_read
from schemareg.compat.incompatibility import Facts
from schemareg.diff.change import Place
from schemareg.syntax import TextEdit

_SCHEMA = parse('{"type": "record", "name": "R", "fields": [{"name": "x", "type": "int"}]}')
_WIDER = parse('{"type": "record", "name": "R", "fields": [{"name": "x", "type": "string"}]}')
_RECORD = _SCHEMA.root
assert isinstance(_RECORD, avro.Record)
_INT = avro.Primitive("int")
_OURS: Mapping[object, object] = {
    **dict.fromkeys((avro.Array, avro.Map, avro.Union, avro.Enum, avro.Fixed), _INT),
    avro.Primitive: _INT,
    avro.Record: _RECORD,
    avro.NameRef: _RECORD,
    avro.Field: _RECORD.fields[0],
    Schema: _SCHEMA,
    Place: Place(_SCHEMA, _RECORD),
    Facts: next(iter(can_read(reader=_SCHEMA, writer=_WIDER))).facts,
    float: float("nan"),
    bytes: b"\xff\x1b",
    datetime: datetime(2026, 1, 2, tzinfo=UTC),
    date: date(2026, 1, 2),
    timedelta: timedelta(days=1),
    type(None): None,
}
# our own words, and content whose lines are shown as they are: diffs and examples of our rules
_LINES = dict.fromkeys(("detail", "diff", "unit", "bad", "good", "summary"), "-a\n+b\n")
# names that some modules import for the type checker only
_NAMES: Mapping[str, object] = {"JsonValue": object, "TextEdit": TextEdit, "Callable": Callable}


@dataclasses.dataclass(frozen=True)
class Builder:
    """Makes values whose texts are `text`; of choices it takes the one at `variant`."""

    text: str
    variant: int = 0
    content: str | None = None
    """The text of fields that hold content, which no report cuts; None for `text`."""

    def one(self, hint: Any) -> Any:
        """A value of `hint`."""
        values = self.each(hint)
        return values[self.variant % len(values)]

    def each(self, hint: Any) -> list[Any]:
        """A value for each branch of `hint`."""
        if isinstance(hint, NewType):
            return self.each(hint.__supertype__)
        origin, arguments = get_origin(hint), get_args(hint)
        if origin in (Union, types.UnionType):
            return [value for kind in arguments for value in self.each(kind)]
        if origin is Literal:
            return list(arguments)
        if isinstance(origin, type):
            return [self._many(origin, arguments)]
        if isinstance(hint, type) and issubclass(hint, Enum):
            return list(hint)
        return [self._single(hint)]

    def _for(self, field: dataclasses.Field[Any]) -> Builder:
        if self.content is None or not field.metadata.get("whole"):
            return self
        return dataclasses.replace(self, text=self.content)

    def _many(self, origin: type, arguments: Sequence[Any]) -> Any:
        if issubclass(origin, tuple) and arguments[-1] is not ...:
            return tuple(map(self.one, arguments))
        if issubclass(origin, Mapping):
            return {self.one(arguments[0]): self.one(arguments[1])}
        if issubclass(origin, AbstractSet):
            return frozenset(self.each(arguments[0]))
        assert issubclass(origin, Iterable), f"how is a {origin} made?"
        return (
            origin(self.each(arguments[0])) if origin in (tuple, list) else self.each(arguments[0])
        )

    def _single(self, hint: Any) -> Any:
        if hint in (object, Any, str) or isinstance(hint, ForwardRef):  # JSON's type is recursive
            return self.text
        if hint in _OURS:
            return _OURS[hint]
        if hint is bool:
            return self.variant % 2 == 0
        if hint is int:
            return self.variant + 1
        if hint is Path:
            return Path(self.text)
        assert dataclasses.is_dataclass(hint), f"how is a {hint} made?"
        assert isinstance(hint, type)
        known = vars(import_module(hint.__module__))
        names = {name: kind for name, kind in _NAMES.items() if name not in known}
        hints = get_type_hints(hint, localns=names)
        values = {
            field.name: _LINES.get(field.name) or self._for(field).one(hints[field.name])
            for field in dataclasses.fields(hint)
            if field.init
        }
        made: Any = hint
        return made(**values)
