"""JSON Schemas of the commands' JSON output, derived from the result types.

docs/schemas/ holds what `document_schema` returns for each command; a test compares them, and
validates real outputs by them.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, NewType, Union, get_args, get_origin, get_type_hints

from schemareg.places import Location
from schemareg.report.as_json import FORMAT_VERSION, member_names
from schemareg.results import Counts, Result
from schemareg.syntax import TextEdit

# The module and class of each command's result; imported on request, for some need Kafka.
RESULTS: Mapping[str, tuple[str, str]] = {
    "lint": ("commands.lint", "LintResult"),
    "fmt": ("commands.fmt", "FmtResult"),
    "check": ("commands.check_result", "CheckResult"),
    "register": ("commands.register", "RegisterResult"),
    "plan": ("commands.plan", "PlanResult"),
    "apply": ("commands.plan", "ApplyResult"),
    "promote": ("commands.promote", "PromoteResult"),
    "rollback": ("commands.rollback", "RollbackResult"),
    "drift": ("commands.drift", "DriftResult"),
    "roundtrip": ("commands.roundtrip", "RoundTripResult"),
    "verify": ("commands.verify", "VerifyResult"),
    "fingerprint": ("commands.fingerprint", "FingerprintResult"),
    "diff": ("commands.diff", "DiffResult"),
    "config": ("commands.config", "ConfigResult"),
    "rules": ("commands.rules", "RulesResult"),
    "sample": ("commands.sample", "SampleResult"),
    "pull": ("commands.pull", "PullResult"),
    "init": ("commands.init", "InitResult"),
    "order": ("commands.order", "OrderResult"),
    "impact": ("commands.impact", "ImpactResult"),
    "can-i-deploy": ("commands.can_i_deploy", "CanIDeployResult"),
    "metrics": ("commands.metrics", "MetricsResult"),
    "catalog": ("commands.catalog", "CatalogResult"),
    "rehearse": ("commands.rehearse", "RehearseResult"),
    "chains": ("commands.chains", "ChainsResult"),
    "canary": ("commands.canary", "CanaryResult"),
    "graph": ("commands.graph", "GraphResult"),
    "contracts": ("commands.contracts", "ContractsResult"),
    "fixtures": ("golden", "FixturesResult"),
    "ci": ("commands.ci", "CiResult"),
    "generate": ("commands.generate", "GenerateResult"),
}
# names that some modules import for the type checker only, or spell recursively
_OTHERS: Mapping[str, object] = {"JsonValue": object, "TextEdit": TextEdit}
_SCALARS: Mapping[object, str] = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    str: "string",
}


def document_schema(command: str) -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of what `command --format json` prints."""
    module, name = RESULTS[command]
    result: type[Result] = getattr(import_module(f"schemareg.{module}"), name)
    definitions: dict[str, object] = {}
    own = _members(result, definitions)
    common: dict[str, object] = {
        "format_version": {"const": FORMAT_VERSION},
        "command": {"const": command},
        "exit_code": {"type": "integer"},
        "counts": _schema(Counts | None, definitions),
        "compared_with": _schema(str | None, definitions),
        "commit": _schema(str | None, definitions),
    }
    properties = {**common, **own}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"schemareg {command} --format json",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "$defs": dict(sorted(definitions.items())),
    }


def _members(cls: type, definitions: dict[str, object]) -> dict[str, object]:
    # rule sets hold any JSON, whose recursive type is not known by name everywhere
    known = vars(import_module(cls.__module__))
    others = {name: kind for name, kind in _OTHERS.items() if name not in known}
    hints = get_type_hints(cls, localns=others)
    for name in member_names(cls):
        if name not in hints:  # a computed one
            hints[name] = get_type_hints(getattr(cls, name).fget, localns=others)["return"]
    return {name: _schema(hints[name], definitions) for name in member_names(cls)}


def _schema(hint: Any, definitions: dict[str, object]) -> dict[str, object]:
    """The schema of what `as_json.plain` makes of a value of the type `hint`."""
    if isinstance(hint, NewType):
        return _schema(hint.__supertype__, definitions)
    if hint in _SCALARS:
        return {"type": _SCALARS[hint]}
    if hint is float:  # NaN and infinities are texts
        return {"anyOf": [{"type": "number"}, {"enum": ["NaN", "Infinity", "-Infinity"]}]}
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(argument, definitions) for argument in arguments]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and arguments[-1] is not ...:
        return {"type": "array", "minItems": len(arguments), "maxItems": len(arguments)}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if isinstance(origin, type) and issubclass(origin, Sequence | frozenset | set):
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if not isinstance(hint, type) or hint is object:
        return {}
    return _class_schema(hint, definitions)


def _class_schema(cls: type, definitions: dict[str, object]) -> dict[str, object]:
    if issubclass(cls, Enum):
        return {"enum": [member.value for member in cls]}
    if issubclass(cls, bytes | Path):
        return {"type": "string"}
    if not dataclasses.is_dataclass(cls):
        return {}
    if cls.__name__ not in definitions:
        definitions[cls.__name__] = {}  # its own members may refer to it
        members = _members(cls, definitions)
        if cls is Location:
            members |= {name: {"type": ["integer", "null"]} for name in ("line", "column")}
        definitions[cls.__name__] = {
            "type": "object",
            "properties": members,
            "required": list(members),
        }
    return {"$ref": f"#/$defs/{cls.__name__}"}
