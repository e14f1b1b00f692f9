"""Whether a word of a command line or configuration is the URL of a registry."""

from __future__ import annotations

import re

from schemareg.errors import UsageError

_HOST_AND_PORT = re.compile(r"(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}(?:/\S*)?")


def is_registry_url(spec: str) -> bool:
    """Whether `spec` is an http or https URL.

    Raises:
        UsageError: it is a host and port, whose scheme is missing.
    """
    if spec.strip().lower().startswith(("http://", "https://")):
        return True
    if _HOST_AND_PORT.fullmatch(spec.strip()):
        raise UsageError(
            f"{spec!r} is no registry URL: its scheme is missing", advice=f"write http://{spec}"
        )
    return False
