"""Plain values, their ranges, and the error that knows its path."""

from __future__ import annotations

from typing import Any, TypeAlias

from schemareg.avro.schema import Enum, Fixed, Record, Type, Union, name_of
from schemareg.lazy_dataclass import dataclass

Plain: TypeAlias = Any
"""None, bool, int, float, bytes, str, list or dict of them: Any, since the schema decides which."""

_LONGEST_KEY_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Branch:
    """A union value to encode: `value` is of the branch at `index`."""

    index: int
    value: Plain


class RefusedError(Exception):
    """Why a value stops here; every level that it leaves adds its step of the path."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
        self.steps: list[str] = []

    def within(self, step: str) -> RefusedError:
        self.steps.append(step)
        return self

    def render(self, root: str) -> str:
        """Where and why, with `root` for the place where the value begins."""
        return f"{root}{''.join(reversed(self.steps))}: {self.message}"


def key_step(key: object) -> str:
    """The step of a path to the entry at `key` of a map, cut to a readable length."""
    text = repr(key)
    return f"[{text}]" if len(text) <= _LONGEST_KEY_SHOWN else f"[{text[:_LONGEST_KEY_SHOWN]}…]"


def label(type_: Type) -> str:
    """A type as errors name it: a union by the names of its branches."""
    if isinstance(type_, Union):
        return f"[{', '.join(map(name_of, type_.branches))}]"
    return name_of(type_)


def article(kind: str) -> str:
    return kind if kind in ("null", "bytes") else f"{'an' if kind[0] in 'aei' else 'a'} {kind}"


def wrong(value: Plain, type_: Type) -> RefusedError:
    return RefusedError(f"{value!r} is not {article(type_.kind)}")


def unreadable(writer: Type, reader: Type) -> RefusedError:
    return RefusedError(f"the writer's {label(writer)} cannot be read as {label(reader)}")


def other_name(writer: Record | Enum | Fixed, reader: Record | Enum | Fixed) -> RefusedError:
    return RefusedError(
        f"the writer's {writer.kind} is named {writer.fullname}, the reader's {reader.fullname}"
    )
