"""The settings of how long a client of a registry tries: flag, environment, file, default."""

from __future__ import annotations

from schemareg.settings.kinds import number, whole_number
from schemareg.settings.reader import Setting

_VARIABLE = "SCHEMAREG_REGISTRY_"
# A file of the repository may set these: a command ends, whatever the file says.
_MOST_TRIES = 100
_LONGEST_S = 3600.0

TRIES = Setting(
    "registry_tries",
    whole_number(1, _MOST_TRIES),
    default=5,
    flag="--registry-tries",
    environment=f"{_VARIABLE}TRIES",
)
TIMEOUT_S = Setting(
    "registry_timeout_s",
    number(above=0, maximum=_LONGEST_S),
    default=10.0,
    flag="--registry-timeout-s",
    environment=f"{_VARIABLE}TIMEOUT_S",
)
DEADLINE_S = Setting(
    "registry_deadline_s",
    number(above=0, maximum=_LONGEST_S),
    default=60.0,
    flag="--registry-deadline-s",
    environment=f"{_VARIABLE}DEADLINE_S",
)
ROWS = (TRIES, TIMEOUT_S, DEADLINE_S)
