"""The user's cache directory, and the keys that end what other code or other content made.

What is kept there is safe to delete and to share: each entry carries a key, and one that does not
fit counts as none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from schemareg import __version__

_PACKAGE = Path(__file__).parent


def cache_folder(environment: Mapping[str, str], of: str) -> Path:
    """Where caches of a command are: the user's directory for such, below `schemareg`."""
    if xdg := environment.get("XDG_CACHE_HOME"):
        base = Path(xdg)
    elif sys.platform == "win32":
        base = Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path.home() / ".cache"
    return base / "schemareg" / of


def digest_of(raw: bytes) -> str:
    from hashlib import sha256  # OpenSSL, which only a cache needs

    return sha256(raw).hexdigest()


def code_key(globs: Iterable[str]) -> str:
    """The release, Python, and each file of the package that fits, with its size and time."""
    about = [__version__, repr(sys.version_info[:3])]
    for path in sorted(path for glob in globs for path in _PACKAGE.glob(glob)):
        stat = path.stat()
        about.append(f"{path.relative_to(_PACKAGE)} {stat.st_size} {stat.st_mtime_ns}")
    return digest_of("\n".join(about).encode())
