"""Requests and rows of associations between subjects and topics."""

from __future__ import annotations

from collections.abc import Mapping

from tests.registry_contract.contract import (
    Answer,
    Json,
    Step,
    Typed,
    error,
    post,
    put,
)
from tests.registry_contract.texts import V1

DEFAULT = ":.<s>:t-value"
"""The subject that a STRONG association of the topic `t` in the namespace `<s>` has."""


def resource(*associations: Json, id: str | None = "<s>-id", **more: str) -> Json:
    body: dict[str, Json] = {"resourceName": "t", "resourceNamespace": "<s>", **more}
    if id is not None:
        body["resourceId"] = id
    return {**body, "associations": associations}


def create(
    answer: Answer,
    *associations: Json,
    query: str = "",
    id: str | None = "<s>-id",
    **more: str,
) -> Step:
    return post(f"/associations{query}", resource(*associations, id=id, **more), answer)


def upsert(answer: Answer, *associations: Json) -> Step:
    return put("/associations/resources/<s>-id", resource(*associations), answer)


def invalid(member: str, detail: str) -> Answer:
    message = f"The association specified an invalid value for property: '{member}', detail: "
    return error(422, 42212, message + detail)


def batch(kind: str, *associations: Mapping[str, Json]) -> Json:
    return {"requests": [resource(*({"opType": kind, **each} for each in associations))]}


WEAK: dict[str, Json] = {"subject": "<s>"}
STRONG: dict[str, Json] = {"lifecycle": "STRONG", "subject": "<s>"}
WITH_SCHEMA: dict[str, Json] = {"schema": {"schema": V1}}
WEAK_ROW: dict[str, Json] = {
    "subject": "<s>",
    "guid": Typed(str),
    "resourceName": "t",
    "resourceNamespace": "<s>",
    "resourceId": "<s>-id",
    "resourceType": "topic",
    "associationType": "value",
    "lifecycle": "WEAK",
    "frozen": False,
}
FROZEN_ROW: dict[str, Json] = {
    "subject": DEFAULT,
    "lifecycle": "STRONG",
    "frozen": True,
    "associationType": "value",
}
