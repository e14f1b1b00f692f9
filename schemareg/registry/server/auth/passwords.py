"""Password hashes: made and checked, never on the event loop."""

from __future__ import annotations

from schemareg.errors import UsageError

# argon2id of a random text that nobody kept: checking it takes as long as checking a real user's
DUMMY_HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$"
    "WTDbQXXi2Eghzpuf1KuYRQ$F1n9sU8NKgoDpZLdZ59CjLSndCN7PLtdpAn+4huc0k0"
)


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

    try:
        return bcrypt.checkpw(password.encode("utf-8"), password_hash.encode("ascii"))
    except ValueError:  # longer than bcrypt's 72 bytes, or a broken hash
        return False
