"""What other tools' files declare about services, as a manifest."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from schemareg.errors import ContentError
from schemareg.lazy_dataclass import dataclass
from schemareg.limits import LIMITS
from schemareg.places import Location
from schemareg.services.manifest import Chain, Service

_BRACKET = re.compile(r"[\[\]{}]")
_INDENTED_LIST = re.compile(r"^( *)[^\s#-][^\n]*:\n\1 +- ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Imported:
    """Services and chains that files declare; `questions` are what they leave open."""

    services: tuple[Service, ...]
    chains: tuple[Chain, ...] = ()
    questions: tuple[str, ...] = ()


def read_yaml(raw: bytes, shown: str) -> list[Any]:
    """The documents of a YAML (or JSON) file, with comments and order kept for `yaml_text`.

    Raises:
        ContentError: it is too large or nested too deeply, or no YAML.
    """
    from ruamel.yaml import YAML

    if len(raw) > LIMITS.foreign_bytes:
        raise ContentError(f"{shown} is larger than {LIMITS.foreign_bytes} bytes")
    reader = YAML(typ="rt")
    reader.preserve_quotes = True
    try:
        text = raw.decode("utf-8")
        _check_depth(text, shown)
        return [d for d in reader.load_all(text) if d is not None]
    except ContentError:
        raise
    except Exception as error:  # the reader lets out whatever it stumbles over
        reason = (str(getattr(error, "problem", "") or error) or "it cannot be read").splitlines()[
            0
        ]
        raise ContentError(f"no YAML: {reason}", location=Location(shown)) from error


def _check_depth(text: str, shown: str) -> None:
    """Refuse brackets in brackets, of which the reader takes time in the square.

    Raises:
        ContentError: they are nested too deeply.
    """
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in "[{" else -min(depth, 1)
        if depth > LIMITS.foreign_depth:
            raise ContentError(
                f"nested deeper than {LIMITS.foreign_depth} levels", location=Location(shown)
            )


def yaml_text(documents: Sequence[Any], like: str = "") -> str:
    """The text of `documents`, as they were read from `like` but for what was changed."""
    from ruamel.yaml import YAML

    writer = YAML(typ="rt")
    writer.width = 10_000
    writer.preserve_quotes = True
    writer.explicit_start = like.startswith("---\n")
    if _INDENTED_LIST.search(like):
        writer.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    writer.dump_all(documents, out)
    return out.getvalue()


def as_map(value: object) -> Mapping[str, Any]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def as_list(value: object) -> Sequence[Any]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def as_text(value: object) -> str:
    """`value` where it is a text (or a number), else ""."""
    return str(value) if isinstance(value, str | int | float) else ""


def as_texts(value: object) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(str(item) for item in as_list(value) if isinstance(item, str))


def manifest_text(imported: Imported) -> str:
    """`imported` as services.toml; open questions are comments at its top."""
    lines = ["# Which service produces and consumes which event."]
    lines += [f"# open: {' '.join(question.split())}" for question in imported.questions]
    for service in imported.services:
        lines += ["", *_service_lines(service)]
    for chain in imported.chains:
        steps = ", ".join(f"{{ event = {_text(step.event)} }}" for step in chain.steps)
        lines += ["", f"[chains.{_text(chain.name)}]", f"steps = [{steps}]"]
    return "\n".join(lines) + "\n"


def _service_lines(service: Service) -> Iterator[str]:
    yield f"[services.{_text(service.name)}]"
    if service.owner:
        yield f"owner = {_text(service.owner)}"
    if service.paths:
        yield f"paths = {_texts(service.paths)}"
    if service.produces:
        rows = ", ".join(
            f"{{ event = {_text(p.event)}, topic = {_text(p.topic)}"
            f"{', shared = true' if p.shared else ''} }}"
            for p in service.produces
        )
        yield f"produces = [{rows}]"
    if service.calls:
        called = ", ".join(f"{{ service = {_text(c.provider)} }}" for c in service.calls)
        yield f"calls = [{called}]"
    for consumes in service.consumes:
        yield ""
        yield f"[[services.{_text(service.name)}.consumes]]"
        yield f"event = {_text(consumes.event)}"
        yield f"topic = {_text(consumes.topic)}"
        if consumes.group:
            yield f"group = {_text(consumes.group)}"
        if consumes.fields is not None:
            yield f"fields = {_texts(consumes.fields)}"


def _text(value: str) -> str:
    """A TOML basic string, which JSON's strings are but for DEL and halves of surrogate pairs."""
    return json.dumps(value).replace("\x7f", "\\u007f")


def _texts(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"
