"""Environments of schemareg.toml: the registry of each, and what is different there.

    [environments.staging]
    url = "https://staging:8081"
    level = "BACKWARD"

    [environments.production]
    inherits = "staging"
    url = "https://production:8081"
    level = "FULL_TRANSITIVE"
    subjects."orders-value".mode = "READONLY"

Credentials are in variables that are named after the environment, and go to no host that only
the file names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from schemareg.lazy_dataclass import dataclass
from schemareg.settings.toml_table import Table
from schemareg.suggestions import did_you_mean

_NAME = r"[a-z][a-z0-9-]*"
_OVERRIDDEN = ("level", "managed", "topics", "subjects")
_TAKEN = ("oauth", "key", "registry")
"""Words that begin other variables: SCHEMAREG_REGISTRY_OAUTH_URL."""
_PREFIX = "SCHEMAREG_REGISTRY_"


@dataclass(frozen=True, slots=True)
class Environment:
    """A registry with a name; `url` is the file's, None where only a variable names one."""

    name: str
    url: str | None = None
    context: str | None = None

    @property
    def prefix(self) -> str:
        """What the variables of this environment begin with."""
        return f"{_PREFIX}{self.name.upper().replace('-', '_')}_"

    def variables(self, environ: Mapping[str, str]) -> dict[str, str]:
        """`environ` with the variables of this environment under their general names.

        General credentials are not this environment's: of the general variables only those count
        that say how to connect.
        """
        own = {
            _PREFIX + name.removeprefix(self.prefix): value
            for name, value in environ.items()
            if name.startswith(self.prefix)
        }
        general = ("CA", "TRIES", "TIMEOUT_S", "DEADLINE_S")
        rest = {
            name: value
            for name, value in environ.items()
            if not name.startswith(_PREFIX) or name.removeprefix(_PREFIX) in general
        }
        if self.context is not None:
            rest[f"{_PREFIX}CONTEXT"] = self.context
        return {**rest, **own}


def environment_named(name: str, top: Table) -> tuple[Environment, Table]:
    """The environment `name` of the file whose table is `top`, and that table as it is there.

    Raises:
        UsageError: there is no such environment, or it inherits from itself.
    """
    defined = top.table("environments")
    if name not in defined.values:
        known = sorted(defined.values)
        advice = did_you_mean(name, known) if known else "add [environments.NAME] with its url"
        top.fail("environments", f"there is no environment {name!r}", advice)
    chain = list(_chain(name, defined))
    values = dict(top.values)
    for table in reversed(chain):
        for key in _OVERRIDDEN:
            if key in table.values:
                values[key] = _merged(values.get(key), table.values[key])
    first = {
        key: next((value for table in chain if (value := table.text(key)) is not None), None)
        for key in ("url", "context")
    }
    merged = Table(values, top.shown, top.at, top.path, top.text_of_file)
    return Environment(name, first["url"], first["context"]), merged


def check_environments(top: Table) -> tuple[str, ...]:
    """The names of the environments.

    Raises:
        UsageError: a name or key that is none, or one that inherits from itself.
    """
    defined = top.table("environments")
    for name in defined.values:
        if not re.fullmatch(_NAME, name) or name in _TAKEN:
            defined.fail(name, f"{name!r} cannot name an environment", "write a-z, 0-9 and hyphens")
        for table in list(_chain(name, defined)):
            table.text("url"), table.text("context")
            for key in _OVERRIDDEN:
                table.read.add(key)
            table.finish()
    return tuple(defined.values)


def _chain(name: str, defined: Table) -> Iterator[Table]:
    """The table of an environment, then those that it inherits from."""
    seen: list[str] = []
    following: str | None = name
    while following is not None:
        table = defined.table(following)
        seen.append(following)
        yield table
        following = table.text("inherits")
        if following is not None and following not in defined.values:
            table.fail(
                "inherits",
                f"there is no environment {following!r}",
                did_you_mean(following, list(defined.values)),
            )
        if following in seen:
            table.fail("inherits", f"it inherits from itself: {' → '.join([*seen, following])}")


def _merged(below: object, above: object) -> object:
    """`above`, and what `below` has beside it where both are tables."""
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    return {**below, **{key: _merged(below.get(key), value) for key, value in above.items()}}
