"""Which media type is asked for, and which is sent."""

from __future__ import annotations

from schemareg.registry.api.error_codes import ErrorCode

V1 = "application/vnd.schemaregistry.v1+json"
PRODUCED = (V1, "application/vnd.schemaregistry+json", "application/json")
CONSUMED = (*PRODUCED, "application/octet-stream")


def negotiated(accept: str | None) -> str:
    """The type to answer with.

    Raises: `RegistryError` 406 when none will do.
    """
    if not accept or accept == "*/*":
        return V1
    best, best_weight = V1, 0.0
    for part in accept.split(","):
        wanted, _, parameters = part.partition(";")
        weight = _weight(parameters)
        offered = _offered(wanted.strip().lower())
        if offered and weight > best_weight:
            best, best_weight = offered, weight
    if best_weight == 0.0:
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
    if wanted in ("*/*", "application/*"):
        return V1
    return wanted if wanted in PRODUCED else None


def check_content_type(content_type: str | None) -> None:
    """Raises: `RegistryError` 415 for a body that is not said to be JSON."""
    if content_type is None:
        return
    if content_type.partition(";")[0].strip().lower() not in CONSUMED:
        raise ErrorCode.UNSUPPORTED_MEDIA_TYPE.refusal()
