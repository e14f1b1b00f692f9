"""The errors for what a registry refuses, does not answer, or answers against its protocol."""

from __future__ import annotations

from schemareg.errors import (
    IncompatibleSchemaError,
    RegistryError,
    RegistryRouteMissingError,
    RegistryUnavailableError,
)
from schemareg.registry.client.answers import UnreadableAnswerError, as_object, from_json, int_at
from schemareg.registry.client.script import Failure, Response

_ADVICE_BY_CODE = {
    40401: "register a first version, or check the subject's name and context",
    40402: "list the subject's versions to see which exist",
    40403: "the schema is not registered: register it first",
    40404: "it was deleted before; a permanent delete removes the rest",
    40405: "delete the subject softly first, then permanently",
    40406: "it was deleted before; a permanent delete removes the rest",
    40407: "delete the version softly first, then permanently",
    40410: "list the topic's associations to see which exist",
    40903: "delete the association first, or change it",
    40904: "delete the subject's associations first",
    40905: "give the topic a subject of its own",
    40907: "register a schema under the subject first",
    40908: "a frozen association is only deleted with its topic and subject",
    42205: "look at the mode of the subject and of the registry",
    42206: "delete the schemas that refer to it first",
}
_ADVICE_BY_STATUS = {
    401: "give credentials that this registry accepts",
    403: "these credentials lack the right to do this: use others, or have it granted",
    404: "check that the URL is the registry's base URL",
    409: "run `schemareg check` to see every clash with advice",
    413: "the schema is larger than the registry or a proxy before it allows",
    429: "the registry limits requests: try later or more slowly",
}
_SHOWN_CHARS = 200


def refusal(response: Response, *, request: str) -> RegistryError | RegistryUnavailableError:
    """The error that an answer outside 2xx means; `request` is shown, so without credentials."""
    if 300 <= response.status < 400:
        return RegistryUnavailableError(
            f"{request}: answered {response.status}, a redirect",
            advice="use the registry's own URL",
        )
    try:
        answer = as_object(from_json(response.body))
        code = int_at(answer, "error_code")
    except UnreadableAnswerError:
        return _foreign_refusal(response, request=request)
    message = answer.get("message")
    words = one_line(message) if isinstance(message, str) else "no message"
    kind = IncompatibleSchemaError if code in (409, 40901) else RegistryError
    return kind(
        words,
        code=code,
        status=response.status,
        request=request,
        advice=_ADVICE_BY_CODE.get(code) or _ADVICE_BY_STATUS.get(response.status),
    )


def _foreign_refusal(
    response: Response, *, request: str
) -> RegistryError | RegistryUnavailableError:
    """An error status without the protocol's body: a proxy, a gateway, or no registry at all."""
    if response.status in (401, 403, 429):
        return RegistryError(
            "refused",
            code=response.status,
            status=response.status,
            request=request,
            advice=_ADVICE_BY_STATUS[response.status],
        )
    missing = response.status in (404, 405)
    kind = RegistryRouteMissingError if missing else RegistryUnavailableError
    return kind(
        f"{request}: answered {response.status} without a registry's error body: "
        f"{excerpt(response.body)}",
        advice=_ADVICE_BY_STATUS.get(response.status, "see the registry's own log"),
    )


def unexpected_answer(
    response: Response, expected: UnreadableAnswerError, *, request: str
) -> RegistryUnavailableError:
    """The error for a 2xx answer that is not what the protocol promises."""
    return RegistryUnavailableError(
        f"{request}: answered {response.status} without {expected}: {excerpt(response.body)}",
        advice="check that the URL is the registry's base URL",
    )


def no_answer(failure: Failure, *, request: str) -> RegistryUnavailableError:
    """The error for no answer at all."""
    return RegistryUnavailableError(
        f"{request}: {failure.reason}",
        advice=failure.advice or "check that the registry runs and is reachable under this URL",
    )


def one_line(words: str) -> str:
    """A foreign text, safe to show on one line of a terminal."""
    line = " ".join(words.split())
    return "".join(char if char.isprintable() else "\ufffd" for char in line)


def excerpt(body: bytes) -> str:
    """The start of an answer on one line, quoted, for a message."""
    text = one_line(body[: 4 * _SHOWN_CHARS].decode("utf-8", "replace"))
    return repr(text[:_SHOWN_CHARS] + ("…" if len(text) > _SHOWN_CHARS else ""))
