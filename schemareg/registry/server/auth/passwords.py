"""Password hashes: made and checked, never on the event loop."""

from __future__ import annotations

import re

from schemareg.errors import UsageError

# argon2id of a random text that nobody kept: checking it takes as long as checking a real user's
DUMMY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$"
    "WTDbQXXi2Eghzpuf1KuYRQ$F1n9sU8NKgoDpZLdZ59CjLSndCN7PLtdpAn+4huc0k0"
)


_BCRYPT_MAX_BYTES = 72
_BCRYPT = re.compile(r"\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}")


def hash_problem(password_hash: str) -> str | None:
    """Why nobody could ever log in with this hash; None when it is a whole one."""
    if password_hash.startswith("$argon2"):
        import argon2
        from argon2.exceptions import InvalidHashError

        try:
            argon2.extract_parameters(password_hash)
        except InvalidHashError:
            return "is not a whole argon2 hash"
        return None
    if not _BCRYPT.fullmatch(password_hash):
        return "is not an argon2 or bcrypt hash"
    return None


def hash_password(password: str) -> str:
    """An argon2id hash of `password` for the auth file; takes about 50 ms and 64 MiB.

    Raises:
        UsageError: the password is empty.
    """
    import argon2

    if not password:
        raise UsageError("the password is empty")
    return argon2.PasswordHasher().hash(password)


def password_fits(password: str, password_hash: str | None) -> bool:
    """Whether `password` has this hash; without a hash it takes as long and is False."""
    if password_hash is None:
        _argon2_fits(password, DUMMY_HASH)
        return False
    if password_hash.startswith("$argon2"):
        return _argon2_fits(password, password_hash)
    return _bcrypt_fits(password, password_hash)


def _argon2_fits(password: str, password_hash: str) -> bool:
    import argon2
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return argon2.PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _bcrypt_fits(password: str, password_hash: str) -> bool:
    import bcrypt

    given = password.encode("utf-8")
    # bcrypt reads 72 bytes at most: a longer password fits none, in the time that one costs
    try:
        fits = bcrypt.checkpw(given[:_BCRYPT_MAX_BYTES], password_hash.encode("ascii"))
    except ValueError:  # a broken hash
        return False
    return fits and len(given) <= _BCRYPT_MAX_BYTES
