"""CloudEvents in Kafka messages: attributes in `ce_` headers, or the whole event as JSON.

Source: CNCF, "Kafka Protocol Binding for CloudEvents" 1.0.2 and "JSON Event Format" 1.0.2.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Literal

from schemareg.errors import WireFormatError
from schemareg.lazy_dataclass import dataclass
from schemareg.wire import Headers

REQUIRED = ("specversion", "id", "source", "type")
_PREFIX = "ce_"
_STRUCTURED = "application/cloudevents"
_JSON = "application/cloudevents+json"


@dataclass(frozen=True, slots=True)
class CloudEvent:
    """What a message has as a CloudEvent; `attributes` are by name, without `ce_`.

    In the binary mode they are as found, and `data` is the message's value; in the structured
    mode the required ones are there, and `data` is what the JSON holds (None: no data).
    """

    mode: Literal["binary", "structured"]
    attributes: Mapping[str, str]
    data: bytes | None

    def __getitem__(self, name: str) -> str:
        """The attribute `name`, "" where there is none."""
        return self.attributes.get(name, "")


def cloud_event_of(data: bytes | None, headers: Headers) -> CloudEvent | None:
    """The CloudEvent in a message with the value `data`; None where it is none.

    Raises:
        WireFormatError: it is in the structured mode, and no event in JSON.
    """
    texts = {name.casefold(): _text(value) for name, value in headers}
    media = texts.get("content-type", "").partition(";")[0].strip().casefold()
    if media.startswith(_STRUCTURED) and data is not None:
        return _structured(data, media)
    if "ce_specversion" not in texts:
        return None
    found = {
        name.removeprefix(_PREFIX): value
        for name, value in texts.items()
        if name.startswith(_PREFIX)
    }
    if "content-type" in texts:
        found["datacontenttype"] = texts["content-type"]
    return CloudEvent("binary", found, data)


def binary_headers(
    *, id: str, source: str, type: str, **others: str
) -> list[tuple[str, bytes | str | None]]:
    """The headers of an event in the binary mode; `others` are further attributes.

    `datacontenttype` becomes the header `content-type`.
    """
    content = others.pop("datacontenttype", None)
    attributes = {"specversion": "1.0", "id": id, "source": source, "type": type, **others}
    found: list[tuple[str, bytes | str | None]] = [
        (f"{_PREFIX}{name}", value.encode()) for name, value in attributes.items()
    ]
    return found if content is None else [*found, ("content-type", content.encode())]


def _text(value: bytes | str | None) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else value or ""


def _structured(data: bytes, media: str) -> CloudEvent:
    if media != _JSON:
        raise WireFormatError(
            f"a CloudEvent of the media type {media!r} is not read",
            advice=f"write it as {_JSON}, or in the binary mode",
        )
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise WireFormatError(f"a structured CloudEvent is no JSON: {error}") from error
    if not isinstance(value, dict):
        raise WireFormatError("a structured CloudEvent is no JSON object")
    absent = [name for name in REQUIRED if not isinstance(value.get(name), str)]
    if absent:
        raise WireFormatError(f"a structured CloudEvent lacks {', '.join(absent)}")
    attributes = {
        name: held if isinstance(held, str) else json.dumps(held)
        for name, held in value.items()
        if name not in ("data", "data_base64") and held is not None
    }
    return CloudEvent("structured", attributes, _data(value))


def _data(value: Mapping[str, object]) -> bytes | None:
    encoded = value.get("data_base64")
    if encoded is None:
        held = value.get("data")
        return None if held is None else json.dumps(held).encode()
    try:
        return base64.b64decode(str(encoded), validate=True)
    except binascii.Error as error:
        raise WireFormatError(f"data_base64 of a CloudEvent: {error}") from error
