"""A row of the route table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.server.answer import Admission, Answer
from schemareg.registry.server.auth.rights import Right
from schemareg.registry.server.call import Call

BodyShape = Literal["schema", "config", "mode", "tags", "any"]
AnswerShape = Literal[
    "schema-version",
    "schema-content",
    "raw-schema",
    "registered",
    "compatibility",
    "config",
    "updated-config",
    "mode",
    "texts",
    "integers",
    "integer",
    "objects",
    "object",
    "none",
]
Kind = Literal["boolean", "integer", "string", "strings"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter."""

    name: str
    kind: Kind
    summary: str


@dataclass(frozen=True, slots=True)
class Route:
    """One row. `changes`: runs on the store's writer; `judged` is tried first: it answers where
    nothing has to be changed, and otherwise remembers what the writer would find out; `known` only
    answers, on a node whose leader decides. `right` is
    what a principal needs on the subject that the path names. `is_long`: goes through the
    whole registry, which must not hold up the others.

    `operation` is the name that Confluent's messages and the OpenAPI document use. `since_8`:
    unknown to the 7.x line.
    """

    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str
    operation: str
    answer: Callable[[Call], Answer]
    gives: AnswerShape
    summary: str
    query: tuple[Parameter, ...] = ()
    body: BodyShape | None = None
    changes: bool = False
    right: Right = Right.READ
    judged: Callable[[Call], Answer | Admission] | None = None
    known: Callable[[Call], Answer | None] | None = None
    is_long: bool = False
    since_8: bool = False
