"""From what a request shows to who it is: checked once, remembered for a minute."""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from time import time

from schemareg.lazy_dataclass import dataclass
from schemareg.registry.server.addresses import network_of
from schemareg.registry.server.auth.file import AuthFile
from schemareg.registry.server.auth.hashing import HashingQueue, QueueFullError
from schemareg.registry.server.auth.passwords import password_fits
from schemareg.registry.server.auth.rights import Rights
from schemareg.registry.server.auth.rules import AuthRules
from schemareg.registry.server.auth.tokens import KeySetUnreachableError, TokenRefusedError
from schemareg.registry.server.buckets import TokenBuckets

REMEMBER_S = 60.0
"""How long a verified credential counts without being checked again."""
REMEMBERED_MAX = 10_000
CREDENTIAL_MAX_BYTES = 8 * 1024
HASHES_AT_ONCE = 2
TOKENS_AT_ONCE = 4
FAILURES_AT_ONCE = 20
"""Wrong credentials that one network (IPv6: a /64) may try in a row …"""
FAILURES_PER_S = 0.5
"""… and then per second."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and what that one may do."""

    name: str
    rights: Rights


class CredentialRefusedError(Exception):
    """401: wrong, malformed or expired; the text is safe to show."""


class TooManyFailuresError(Exception):
    """429: nothing is even checked before `wait_s` seconds have passed."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"wait {wait_s:.0f} s")
        self.wait_s = wait_s


class Identities:
    """Checks `Authorization` values against the auth file.

    Hashing runs in a bounded queue, fetching of keys in threads of its own. A verified value is
    remembered for at most a minute under an HMAC with a key that lives as long as this object,
    never as text. An attempt pays from its network's allowance before anything is hashed, and gets
    the payment back if it was right.
    """

    def __init__(
        self,
        file: AuthFile,
        *,
        clock: Callable[[], float],
        password_fits: Callable[[str, str | None], bool] = password_fits,
    ) -> None:
        self._file = file
        self._clock = clock
        self._password_fits = password_fits
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, tuple[float, Principal]] = OrderedDict()
        self._failures = TokenBuckets(per_s=FAILURES_PER_S, burst=FAILURES_AT_ONCE, clock=clock)
        self._checks: dict[bytes, asyncio.Future[Principal]] = {}
        self._hashing = HashingQueue(HASHES_AT_ONCE)
        # apart from the hashes: a key set that does not answer must hold up no password
        self._token_threads = ThreadPoolExecutor(TOKENS_AT_ONCE, "schemareg-token")

    @property
    def rules(self) -> AuthRules:
        """The rules in force; credentials verified under earlier rules are forgotten."""
        if self._file.refresh():
            self._remembered.clear()
        return self._file.rules

    def reload(self) -> None:
        """Makes the next request read the auth file again."""
        self._file.reload()

    def close(self) -> None:
        """Ends the threads once what they do is done."""
        self._hashing.close()
        self._token_threads.shutdown(wait=True, cancel_futures=True)

    def remembered(self, credential: bytes) -> Principal | None:
        """The principal whose verified credential this is, if it still counts."""
        digest = self._digest(credential)
        known = self._remembered.get(digest)
        if known is None:
            return None
        if known[0] <= self._clock():
            del self._remembered[digest]
            return None
        return known[1]

    def with_certificate(self, name: str) -> Principal | None:
        """The user to whom a client certificate with this subject (RFC 4514) belongs."""
        user = self.rules.user_with_certificate(name)
        return Principal(user.name, user.rights) if user else None

    async def verified(self, credential: bytes, *, address: str) -> Principal:
        """The principal behind an `Authorization` value.

        Requests that bring the same value at the same time wait for one check.

        Raises:
            CredentialRefusedError: it proves nothing.
            TooManyFailuresError: too many wrong ones came from this network.
            QueueFullError: too many passwords wait to be checked.
            KeySetUnreachableError: the keys to check a token with cannot be fetched.
        """
        rules = self.rules
        known = self.remembered(credential)
        if known is not None:
            return known
        if len(credential) > CREDENTIAL_MAX_BYTES:
            raise CredentialRefusedError("The Authorization header is too long")
        digest = self._digest(credential)
        check = self._checks.get(digest)
        if check is None:
            check = asyncio.ensure_future(self._checked(credential, digest, address, rules))
            self._checks[digest] = check
            check.add_done_callback(lambda done: self._forget_check(digest, done))
        return await asyncio.shield(check)

    def _forget_check(self, digest: bytes, done: asyncio.Future[Principal]) -> None:
        del self._checks[digest]
        if not done.cancelled():
            done.exception()  # marks it as seen where every waiting client has hung up

    async def _checked(
        self, credential: bytes, digest: bytes, address: str, rules: AuthRules
    ) -> Principal:
        network = network_of(address)
        wait_s = self._failures.take(network)
        if wait_s > 0:
            raise TooManyFailuresError(wait_s)
        try:
            return await self._judged(credential, digest, network, rules)
        except (QueueFullError, KeySetUnreachableError):
            self._failures.give_back(network)  # nothing was found wrong
            raise

    async def _judged(
        self, credential: bytes, digest: bytes, network: str, rules: AuthRules
    ) -> Principal:
        scheme, _, value = credential.strip().partition(b" ")
        match scheme.lower():
            case b"basic":
                principal = await self._basic(value.strip(), network)
                counts_for_s = REMEMBER_S
            case b"bearer":
                principal, counts_for_s = await self._bearer(value.strip())
            case _:
                raise CredentialRefusedError("Only Basic and Bearer are understood")
        self._failures.give_back(network)
        if rules is self._file.rules:  # else it was judged by what the file no longer says
            self._remembered[digest] = (self._clock() + min(REMEMBER_S, counts_for_s), principal)
        if len(self._remembered) > REMEMBERED_MAX:
            self._remembered.popitem(last=False)
        return principal

    async def _basic(self, value: bytes, network: str) -> Principal:
        name, password = _name_and_password(value)
        users = self._file.rules.users
        user = users.get(name)
        password_hash = user.password_hash if user else self._decoy(name)
        fits = await self._hashing.check(
            lambda: self._password_fits(password, password_hash),
            network=network,
            failures=self._failures.taken(network),
        )
        if user is None or not fits:
            raise CredentialRefusedError("Wrong user name or password")
        return Principal(user.name, user.rights)

    def _decoy(self, name: str) -> str | None:
        """A hash of the kind that a known name would have, the same one for a name each time.

        Where users have hashes of several kinds, an unknown name then looks like any of them.
        """
        hashes = [u.password_hash for u in self._file.rules.users.values() if u.password_hash]
        if not hashes:
            return None
        return hashes[int.from_bytes(self._digest(name.encode())[:8]) % len(hashes)]

    async def _bearer(self, value: bytes) -> tuple[Principal, float]:
        tokens = self._file.tokens
        if tokens is None:
            raise CredentialRefusedError("Bearer tokens are not accepted here")
        try:
            claims = await asyncio.get_running_loop().run_in_executor(
                self._token_threads, tokens.claims, value.decode("latin-1")
            )
        except TokenRefusedError as error:
            raise CredentialRefusedError(str(error)) from error
        rights = self._file.rules.rights_of(tokens.roles_in(claims))
        return Principal(tokens.principal_in(claims), rights), _seconds_left(claims)

    def _digest(self, credential: bytes) -> bytes:
        return hmac.digest(self._key, credential, hashlib.sha256)


def _name_and_password(value: bytes) -> tuple[str, str]:
    try:
        name, colon, password = (
            base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        )
    except (binascii.Error, UnicodeDecodeError):
        raise CredentialRefusedError("The Basic credentials are not readable") from None
    if not colon:
        raise CredentialRefusedError("The Basic credentials have no password")
    return name, password


def _seconds_left(claims: Mapping[str, object]) -> float:
    expires = claims["exp"]
    return max(0.0, float(expires) - time()) if isinstance(expires, int | float) else 0.0
