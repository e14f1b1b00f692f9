"""The release lines of the Confluent registry that the server can be taken for."""

from __future__ import annotations

from typing import Literal

from schemareg.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """What differs between release lines, one name for each difference."""

    line: Literal[8, 7]
    release: str
    commit_id: str
    avro_version: Literal["1.11", "1.12"]
    incompatible_number: int
    """The `error_code` of HTTP 409."""
    tells_everything: bool
    """Answers carry guid, schemaType, ts, deleted, and register answers the whole version."""
    validates_new: bool
    """New schemas need ASCII names and defaults that fit."""
    knows_policies: bool
    """A configuration may have a compatibilityPolicy."""
    override_wins: bool
    """The global mode READONLY_OVERRIDE decides for every subject, whatever its own mode."""
    strict_urls: bool
    """Empty segments, control characters and backslashes in a path are refused with 400."""
    deleted_users_count: bool
    """A soft-deleted version that refers to a version prevents its permanent deletion."""
    knows_later_routes: bool
    """guids, DELETE /contexts, associations, deletedAsNegative."""

    @property
    def name(self) -> Literal["8", "7"]:
        """The name that the setting `profile` has for it."""
        return "8" if self.line == 8 else "7"


PROFILE_8 = Profile(
    line=8,
    release="8.3.1",
    commit_id="1591732f0d6aec44a5cbe4c3be555571d8ae8139",
    avro_version="1.12",
    incompatible_number=40901,
    tells_everything=True,
    validates_new=True,
    knows_policies=True,
    override_wins=False,
    strict_urls=True,
    deleted_users_count=True,
    knows_later_routes=True,
)
PROFILE_7 = Profile(
    line=7,
    release="7.9.9",
    commit_id="5220587d96714f1e9f777320f2cc102208ffc558",
    avro_version="1.11",
    incompatible_number=409,
    tells_everything=False,
    validates_new=False,
    knows_policies=False,
    override_wins=True,
    strict_urls=False,
    deleted_users_count=False,
    knows_later_routes=False,
)
PROFILES = {8: PROFILE_8, 7: PROFILE_7}
