"""Configuration and mode: of a subject or context, or of the whole registry where none is given."""

from __future__ import annotations

from dataclasses import fields

from schemareg.registry.api.types import UNCHANGED, Config, ConfigChange, Mode
from schemareg.registry.client import endpoints
from schemareg.registry.client.calls import Calls
from schemareg.registry.client.script import Script
from schemareg.registry.client.session import Found
from schemareg.subjects import CompatibilityLevel, Subject


class Settings(Calls):
    """The scripts about configuration and mode."""

    def get_config(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> Script[Config]:
        """`GET /config[/{subject}]`; 40408 where the subject has none of its own."""
        return self._call(endpoints.get_config(subject, default_to_global=default_to_global))

    def set_config(self, change: ConfigChange, subject: Subject | None = None) -> Script[Config]:
        """`PUT /config[/{subject}]`: the configuration after the change, as the registry says."""

        def look() -> Script[Found[Config] | None]:
            now = yield from self._or_none(self.get_config(subject))
            return None if now is None or not _has_taken(change, now) else Found(now)

        return self._call(endpoints.set_config(change, subject), look=look)

    def delete_config(self, subject: Subject | None = None) -> Script[Config]:
        """`DELETE /config[/{subject}]`: the configuration that was taken away."""
        return self._call(endpoints.delete_config(subject))

    def get_level(
        self, subject: Subject | None = None, *, default_to_global: bool = True
    ) -> Script[CompatibilityLevel]:
        """The compatibility level of a subject, or (None) of the whole registry."""
        config = yield from self.get_config(subject, default_to_global=default_to_global)
        # a registry that tells no level has none set, and this is the protocol's default
        return config.level or CompatibilityLevel.BACKWARD

    def set_level(self, level: CompatibilityLevel, subject: Subject | None = None) -> Script[None]:
        """Sets the compatibility level of a subject, or (None) of the whole registry."""
        yield from self.set_config(ConfigChange(level=level), subject)

    def get_mode(
        self, subject: Subject | None = None, *, default_to_global: bool = False
    ) -> Script[Mode]:
        """`GET /mode[/{subject}]`; 40409 where the subject has none of its own."""
        return self._call(endpoints.get_mode(subject, default_to_global=default_to_global))

    def set_mode(
        self, mode: Mode, subject: Subject | None = None, *, force: bool = False
    ) -> Script[Mode]:
        """`PUT /mode[/{subject}]`; `force` sets IMPORT although schemas exist."""

        def look() -> Script[Found[Mode] | None]:
            now = yield from self._or_none(self.get_mode(subject))
            return Found(mode) if now is mode else None

        return self._call(endpoints.set_mode(mode, subject, force=force), look=look)

    def delete_mode(
        self, subject: Subject | None = None, *, recursive: bool = False
    ) -> Script[Mode]:
        """`DELETE /mode[/{subject}]`: the mode that was taken away."""
        return self._call(endpoints.delete_mode(subject, recursive=recursive))


def _has_taken(change: ConfigChange, now: Config) -> bool:
    return all(
        getattr(change, member.name) in (UNCHANGED, getattr(now, member.name))
        for member in fields(change)
    )
