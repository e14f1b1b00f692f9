"""The contract as data: stories of requests and the answers that the protocol promises.

A story is told to a registry step by step. `<s>`, `<ns>` and `<ctx>` stand for a subject, a
namespace and a context of its own, so that stories do not meet on a registry that lives longer
than one of them; `<name>` for what `Bind("name")` met in an earlier answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | Matcher | None"


class Matcher:
    """An expectation that is not a literal value."""


@dataclass(frozen=True)
class Bind(Matcher):
    """The first value met under this name; every later one has to be equal to it."""

    name: str


@dataclass(frozen=True)
class Typed(Matcher):
    """Any value of this type."""

    type: type


@dataclass(frozen=True)
class Containing(Matcher):
    """A text with these parts in it."""

    parts: tuple[str, ...]


@dataclass(frozen=True)
class Unordered(Matcher):
    """A list of these elements in any order."""

    elements: Sequence[Json]


@dataclass(frozen=True)
class Absent(Matcher):
    """A member that must not be there."""


@dataclass(frozen=True)
class SchemaText(Matcher):
    """A schema text that is this JSON value, however it is spelled."""

    text: str


ABSENT = Absent()


@dataclass(frozen=True)
class Answer:
    """`body` holds the members that matter of an object, everything of a list or a scalar.

    None: the body is not looked at. `headers` are those that matter, in lower case.
    """

    status: int
    body: Json = None
    headers: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True)
class Step:
    """One request and its answer; `raw` is a body that is no JSON of ours."""

    method: Literal["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]
    path: str
    answer: Answer
    body: Json = None
    raw: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Story:
    """`core` stories are what any registry of this protocol is held to.

    `both` stories hold for the 7.x line of Confluent's registry as for its 8.x line, `only_7` ones
    for the 7.x line alone.
    `fresh` ones need a registry of their own: they look at all of it, or change all of it. What
    a server's outermost layers add is told to whole servers only (`whole`), and what needs rule
    sets to servers that keep them (`rules`).
    """

    name: str
    steps: Sequence[Step]
    core: bool = False
    fresh: bool = False
    whole: bool = False
    both: bool = False
    rules: bool = False
    only_7: bool = False

    @property
    def associations(self) -> bool:
        """It writes associations."""
        return any(s.path.startswith("/associations") and s.method != "GET" for s in self.steps)


def get(path: str, answer: Answer, **headers: str) -> Step:
    return Step("GET", path, answer, headers=headers)


def delete(path: str, answer: Answer) -> Step:
    return Step("DELETE", path, answer)


def put(path: str, body: Json, answer: Answer) -> Step:
    return Step("PUT", path, answer, body)


def post(path: str, body: Json, answer: Answer) -> Step:
    return Step("POST", path, answer, body)


def register(
    text: str,
    answer: Answer,
    *,
    subject: str = "<s>",
    query: str = "",
    references: Sequence[Json] = (),
    **more: Json,
) -> Step:
    return post(f"/subjects/{subject}/versions{query}", schema(text, references, **more), answer)


def lookup(
    text: str,
    answer: Answer,
    *,
    subject: str = "<s>",
    query: str = "",
    references: Sequence[Json] = (),
    **more: Json,
) -> Step:
    return post(f"/subjects/{subject}{query}", schema(text, references, **more), answer)


def check(
    text: str,
    answer: Answer,
    *,
    version: str = "/latest",
    subject: str = "<s>",
    query: str = "?verbose=true",
    references: Sequence[Json] = (),
    **more: Json,
) -> Step:
    path = f"/compatibility/subjects/{subject}/versions{version}{query}"
    return post(path, schema(text, references, **more), answer)


def schema(text: str, references: Sequence[Json] = (), **more: Json) -> Json:
    """The body of a request about a schema."""
    body: dict[str, Json] = {"schema": text, **more}
    return {**body, "references": references} if references else body


def refers(name: str, subject: str, version: int) -> Json:
    return {"name": name, "subject": subject, "version": version}


def ok(body: Json = None) -> Answer:
    return Answer(200, body)


def under(answer: Answer, **headers: Json) -> Answer:
    """`answer` with headers, whose names are written with underscores."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(answer.status, answer.body, named)


def error(status: int, code: int, message: Json = None) -> Answer:
    """A refusal; `message` None: its words are the implementation's own."""
    body: dict[str, Json] = {"error_code": code}
    return Answer(status, {**body, "message": Typed(str) if message is None else message})


def differences(
    expected: Json, got: object, bound: dict[str, object], *, at: str = ""
) -> list[str]:
    """Where `got` is not what was expected, one line each; binds names that are met first."""
    match expected:
        case Bind(name):
            if bound.setdefault(name, got) != got:
                return [f"{at}: {got!r} is not <{name}>, which is {bound[name]!r}"]
            return []
        case Typed(type=kind):
            return [] if isinstance(got, kind) else [f"{at}: {got!r} is no {kind.__name__}"]
        case Containing(parts):
            missing = [part for part in parts if fill(part, bound) not in str(got)]
            return [f"{at}: {fill(part, bound)!r} is not in {got!r}" for part in missing]
        case SchemaText(text):
            return _schema_difference(fill(text, bound), got, at)
        case Unordered(elements):
            if not isinstance(got, list):
                return [f"{at}: {got!r} is no list"]
            wanted = sorted(_filled(elements, bound), key=repr)
            same = wanted == sorted(got, key=repr)
            return [] if same else [f"{at}: {got!r} is not {wanted!r} in any order"]
        case Mapping():
            return _object_differences(expected, got, bound, at)
        case str():
            text = fill(expected, bound)
            return [] if got == text else [f"{at}: {got!r} is not {text!r}"]
        case Sequence():
            if not isinstance(got, list) or len(got) != len(expected):
                return [f"{at}: {got!r} is not {expected!r}"]
            return [
                line
                for index, (one, other) in enumerate(zip(expected, got, strict=True))
                for line in differences(one, other, bound, at=f"{at}/{index}")
            ]
        case _:
            same = got == expected and type(got) is type(expected)
            return [] if same else [f"{at}: {got!r} is not {expected!r}"]


def _object_differences(
    expected: Mapping[str, Json], got: object, bound: dict[str, object], at: str
) -> list[str]:
    if not isinstance(got, dict):
        return [f"{at}: {got!r} is no object"]
    lines: list[str] = []
    for name, value in expected.items():
        if isinstance(value, Absent):
            lines += [f"{at}/{name}: must not be there: {got[name]!r}"] if name in got else []
        elif name not in got:
            lines.append(f"{at}/{name}: is missing")
        else:
            lines += differences(value, got[name], bound, at=f"{at}/{name}")
    return lines


def _schema_difference(text: str, got: object, at: str) -> list[str]:
    try:
        same = (json.loads(got) if isinstance(got, str) else got) == json.loads(text)
    except ValueError:
        same = False
    return [] if same else [f"{at}: {got!r} is not the schema {text!r}"]


def fill(text: str, bound: Mapping[str, object]) -> str:
    """`text` with every `<name>` that is bound replaced; what is not bound stays."""
    return re.sub(r"<(\w+)>", lambda found: str(bound.get(found.group(1), found.group(0))), text)


def _filled(value: Sequence[Json], bound: Mapping[str, object]) -> list[object]:
    filled = json.loads(fill(json.dumps(list(value)), bound))
    assert isinstance(filled, list)
    return filled
