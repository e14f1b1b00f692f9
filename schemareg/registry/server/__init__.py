"""The registry as an HTTP server."""

from schemareg.registry.server.application import create_app
from schemareg.registry.server.embedded import EmbeddedRegistry

__all__ = ["EmbeddedRegistry", "create_app"]
