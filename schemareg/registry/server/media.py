"""The media types of requests and answers."""

from __future__ import annotations

import re

from schemareg.registry.api.error_codes import ErrorCode

JSON = "application/json"
V1 = "application/vnd.schemaregistry.v1+json"
PRODUCED = (V1, "application/vnd.schemaregistry+json", JSON)
_MEDIA_TYPE = re.compile(r"\s*[\w!#$%&'*+.^`|~-]+/[\w!#$%&'*+.^`|~-]+\s*(;|$)", re.ASCII)
CONSUMED = (*PRODUCED, "application/octet-stream")


def negotiated(accept: str | None) -> str:
    """The type to answer with.

    Raises: `RegistryError` 406 when none will do.
    """
    if not accept or accept == "*/*":
        return V1
    best, best_weight = V1, -1.0
    for part in accept.split(","):
        wanted, _, parameters = part.partition(";")
        weight = _weight(parameters)
        offered = _offered(wanted.strip().lower())
        if offered and weight > best_weight:
            best, best_weight = offered, weight
    if best_weight < 0:
        raise ErrorCode.NOT_ACCEPTABLE.refusal()
    return best


def _weight(parameters: str) -> float:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0


def _offered(wanted: str) -> str | None:
    if wanted in ("*/*", "*", "application/*"):
        return V1
    return wanted if wanted in PRODUCED else None


def is_media_type(text: str) -> bool:
    """Whether `text` has the form of a media type."""
    return _MEDIA_TYPE.match(text) is not None


def check_content_type(content_type: str) -> None:
    """Raises: `RegistryError` 415 for a body of another type than JSON."""
    if content_type.partition(";")[0].strip().lower() not in CONSUMED:
        raise ErrorCode.UNSUPPORTED_MEDIA_TYPE.refusal()
