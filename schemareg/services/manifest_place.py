"""Where the manifest of the services is; apart from reading it, which costs start-up time."""

from __future__ import annotations

from pathlib import Path

from schemareg.errors import UsageError
from schemareg.workspace import Config
from schemareg.workspace.files import is_regular

FILE_NAME = "services.toml"


def manifest_path(given: Path | None, config: Config) -> Path:
    """The manifest in force: `given`, else services.toml beside the configuration or in schemas.

    Raises:
        UsageError: there is none.
    """
    places = [config.cwd / given] if given else _places(config)
    path = next((place for place in places if is_regular(place, config.shown(place))), None)
    if path is None:
        shown = " or ".join(config.shown(place) for place in places)
        raise UsageError(
            f"there is no manifest of the services: {shown}",
            advice="write one (docs/services.md shows how), or name it with --services FILE",
        )
    return path.resolve()


def find_manifest(config: Config) -> Path | None:
    """The manifest beside the configuration or in schemas; None where there is none."""
    places = (place for place in _places(config) if is_regular(place, config.shown(place)))
    path = next(places, None)
    return path.resolve() if path else None


def _places(config: Config) -> list[Path]:
    base = config.source.parent if config.source else config.cwd
    return [base / FILE_NAME, base / "schemas" / FILE_NAME]
