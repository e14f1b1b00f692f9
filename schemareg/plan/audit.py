"""The audit log: one JSON object a line, for each action of each apply."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from schemareg.errors import UsageError
from schemareg.lazy_dataclass import dataclass
from schemareg.plan.action_json import action_to_json
from schemareg.plan.apply import Applied
from schemareg.plan.saved import Plan
from schemareg.workspace.files import FileError, append_line


@dataclass(frozen=True, slots=True)
class Actor:
    """Who applies, and for which commit; "" where that is not known."""

    name: str
    commit: str


def actor_in(environ: Mapping[str, str], *, user: str) -> Actor:
    """The actor that a CI names in `environ`, else `user`."""
    names = ("SCHEMAREG_ACTOR", "GITHUB_ACTOR", "GITLAB_USER_LOGIN")
    commits = ("GITHUB_SHA", "CI_COMMIT_SHA")
    return Actor(
        next((found for name in names if (found := environ.get(name))), user),
        next((found for name in commits if (found := environ.get(name))), ""),
    )


class AuditLog:
    """Appends to the file at `path`; what a line describes has happened when it is there."""

    def __init__(self, path: Path, plan: Plan, actor: Actor) -> None:
        self._path = path
        self._common = {
            "actor": actor.name,
            "commit": actor.commit,
            "registry": plan.registry,
            "plan": plan.digest,
        }

    def started(self, at: str, actions: int) -> None:
        self._write({"time": at, "event": "started", **self._common, "actions": actions})

    def applied(self, at: str, done: Applied) -> None:
        """What an action did, or that it was done before."""
        event = "applied" if done.is_new else "was-applied"
        action = action_to_json(done.action)
        # texts are in the registry and in the plan
        short = {k: v for k, v in action.items() if k not in ("schema", "previous", "versions")}
        result = {"version": done.version, "id": done.id, "note": done.note or None}
        given = {name: value for name, value in result.items() if value is not None}
        self._write({"time": at, "event": event, **self._common, **short, **given})

    def ended(self, at: str, problem: str | None) -> None:
        event = "finished" if problem is None else "failed"
        reason = {} if problem is None else {"problem": problem}
        self._write({"time": at, "event": event, **self._common, **reason})

    def _write(self, line: Mapping[str, object]) -> None:
        """Raises: UsageError when the file cannot be written."""
        try:
            append_line(self._path, json.dumps(line), str(self._path))
        except FileError as error:
            raise UsageError(
                f"the audit log {self._path} cannot be written: {error.reason}",
                advice="check its permissions and the space left, or leave out --audit",
            ) from error
