"""The API described as an OpenAPI document, derived from the table of routes.

Source: OpenAPI Specification 3.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from schemareg import __version__
from schemareg.avro.schema import JsonDict, JsonValue
from schemareg.registry.server.openapi_schemas import (
    ERROR,
    answer_schema,
    body_schema,
    component_schemas,
)
from schemareg.registry.server.route import Parameter, Route

ANSWER_TYPES = (
    "application/vnd.schemaregistry.v1+json",
    "application/vnd.schemaregistry+json",
    "application/json",
)
BODY_TYPES = (*ANSWER_TYPES, "application/octet-stream")
_NAME = re.compile(r"\{(\w+)\}")


def document(routes: Iterable[Route]) -> JsonDict:
    """An OpenAPI document with one operation for each of `routes`."""
    paths: dict[str, JsonValue] = {}
    for route in routes:
        operations = paths.setdefault(route.path, {})
        assert isinstance(operations, dict)
        operations[route.method.lower()] = _operation(route)
    schemas: JsonDict = dict(component_schemas())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Schema registry",
            "version": __version__,
            "description": (
                "The Avro part of Confluent's Schema Registry API. Every path also stands under "
                "`/contexts/{context}`, where subjects and ids are that context's."
            ),
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "basic": {"type": "http", "scheme": "basic"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
        # a server without an auth file asks nobody who they are
        "security": [{}, {"basic": []}, {"bearer": []}],
    }


def _operation(route: Route) -> JsonDict:
    operation: JsonDict = {
        "operationId": f"{route.method.lower()}-{route.operation}",
        "summary": route.summary,
        "parameters": [
            *(_path_parameter(name) for name in _NAME.findall(route.path)),
            *(_query_parameter(parameter) for parameter in route.query),
        ],
        "responses": {**_success(route), "default": _failure()},
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": _content(BODY_TYPES, body_schema(route.body)),
        }
    return operation


def _path_parameter(name: str) -> JsonDict:
    schema: JsonDict = {"type": "integer"} if name == "id" else {"type": "string", "minLength": 1}
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _query_parameter(parameter: Parameter) -> JsonDict:
    kind: JsonDict = {"type": parameter.kind}
    if parameter.kind == "strings":
        kind = {"type": "array", "items": {"type": "string"}}
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.summary,
        "schema": kind,
    }


def _success(route: Route) -> JsonDict:
    if route.gives == "none":
        return {"204": {"description": "Done"}}
    schema = answer_schema(route.gives, operation=route.operation)
    return {"200": {"description": "Done", "content": _content(ANSWER_TYPES, schema)}}


def _failure() -> JsonDict:
    return {"description": "Refused", "content": _content(ANSWER_TYPES, ERROR)}


def _content(types: Iterable[str], schema: JsonDict) -> JsonDict:
    return {media_type: {"schema": schema} for media_type in types}
