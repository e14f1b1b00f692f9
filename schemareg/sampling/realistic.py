"""Values that look like what a field's name promises: e-mails, prices, currencies, instants."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_GIVEN_NAMES = ("Alice", "Bob", "Carol", "José", "Mei", "Zoë", "Nadia", "Tom")
_FAMILY_NAMES = ("Smith", "Müller", "García", "Tanaka", "Rossi", "Kowalska", "Brown")
_CITIES = ("Berlin", "Lyon", "Porto", "Osaka", "Toronto", "São Paulo", "Kraków")
_STREETS = ("12 Station Road", "Hauptstraße 7", "3 Rue de la Paix", "48 Mill Lane")
_PRODUCTS = ("Desk Lamp", "Running Shoes", "Espresso Cup", "USB-C Cable", "Rain Jacket")
_SENTENCES = (
    "Left at the front desk.",
    "Please ring twice.",
    "Changed on the customer's request.",
    "No further action needed.",
)
_WORDS = ("amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "harbor", "indigo")

# 2026-01-01T00:00:00Z; events of a year that a reader takes for today
_FIRST_INSTANT_S = 1_767_225_600
_YEAR_S = 365 * 24 * 3600


def words_of(name: str) -> tuple[str, ...]:
    """The lower-case words of a field name: `orderId`, `order_id`, `OrderID` give (order, id)."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(spaced.replace("_", " ").replace("-", " ").lower().split())


def instant_s(rng: Random) -> int:
    """A second of the year 2026, since 1970."""
    return _FIRST_INSTANT_S + rng.randrange(_YEAR_S)


def uuid_text(rng: Random) -> str:
    """A random UUID (version 4) as text."""
    digits = f"{rng.getrandbits(128) & ~(0xF << 76) & ~(3 << 62) | 4 << 76 | 2 << 62:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def text(name: str, rng: Random) -> str:
    """A string that suits a field called `name`."""
    words = words_of(name)
    for wanted, make in _TEXTS:
        if _ends_with(words, wanted):
            return make(words, rng)
    return f"{rng.choice(_WORDS)} {rng.choice(_WORDS)}"


def whole_number(name: str, rng: Random, *, wide: bool) -> int:
    """An integer that suits `name`; an instant is in milliseconds where it is `wide` (64 bits)."""
    words = words_of(name)
    if _is_instant(words):
        return instant_s(rng) * 1000 + rng.randrange(1000) if wide else instant_s(rng)
    for wanted, (low, high) in _WHOLE_NUMBERS:
        if _ends_with(words, wanted):
            return rng.randint(low, high)
    return rng.randint(1, 10_000)


def real_number(name: str, rng: Random) -> float:
    """A float that suits `name`, with two decimals at most where it is money."""
    words = words_of(name)
    for wanted, (low, high, places) in _REAL_NUMBERS:
        if _ends_with(words, wanted):
            return round(rng.uniform(low, high), places)
    return round(rng.uniform(1, 1000), 2)


def _ends_with(words: tuple[str, ...], wanted: frozenset[str]) -> bool:
    if not words:
        return False
    last = words[-1]
    singular = last.removesuffix("s")
    return last in wanted or singular in wanted or " ".join(words[-2:]) in wanted


def _is_instant(words: tuple[str, ...]) -> bool:
    return bool(words) and words[-1] in {"timestamp", "at", "time", "on", "instant", "millis", "ts"}


def _identifier(words: tuple[str, ...], rng: Random) -> str:
    if {"event", "correlation", "causation", "trace", "request", "message"} & set(words):
        return uuid_text(rng)
    stem = words[-2] if len(words) > 1 else rng.choice(_WORDS)
    return f"{stem}-{rng.randrange(10**7, 10**8)}"


def _email(_words: tuple[str, ...], rng: Random) -> str:
    return f"{rng.choice(('alice', 'bob', 'carol', 'mei'))}.{rng.randrange(1000)}@example.com"


def _iso_instant(_words: tuple[str, ...], rng: Random) -> str:
    second = rng.randrange(86400)
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return f"{_iso_date(_words, rng)}T{clock}Z"


def _iso_date(_words: tuple[str, ...], rng: Random) -> str:
    return f"2026-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}"


def _code(_words: tuple[str, ...], rng: Random) -> str:
    return "".join(rng.choices(_LETTERS.upper(), k=2)) + str(rng.randrange(1000, 10_000))


def _one_of(*choices: str) -> Callable[[tuple[str, ...], Random], str]:
    return lambda _words, rng: rng.choice(choices)


def _any_of(*words: str) -> frozenset[str]:
    return frozenset(words)


_TEXTS: tuple[tuple[frozenset[str], Callable[[tuple[str, ...], Random], str]], ...] = (
    (_any_of("uuid", "guid"), lambda _words, rng: uuid_text(rng)),
    (_any_of("id", "identifier", "key", "ref", "reference"), _identifier),
    (_any_of("email", "mail", "e mail"), _email),
    (_any_of("first name", "given name", "firstname"), _one_of(*_GIVEN_NAMES)),
    (_any_of("last name", "family name", "surname", "lastname"), _one_of(*_FAMILY_NAMES)),
    (_any_of("city", "town"), _one_of(*_CITIES)),
    (_any_of("street", "line1", "address"), _one_of(*_STREETS)),
    (_any_of("product name", "item name", "title", "item", "product"), _one_of(*_PRODUCTS)),
    (
        _any_of("name", "recipient", "customer", "user", "author"),
        lambda _words, rng: f"{rng.choice(_GIVEN_NAMES)} {rng.choice(_FAMILY_NAMES)}",
    ),
    (_any_of("currency", "currency code"), _one_of("EUR", "USD", "GBP", "JPY")),
    (_any_of("country", "country code"), _one_of("DE", "FR", "PT", "JP", "CA", "BR")),
    (
        _any_of("postal code", "zip", "zip code", "postcode"),
        lambda _words, rng: str(rng.randrange(10_000, 100_000)),
    ),
    (
        _any_of("phone", "phone number", "mobile"),
        lambda _w, rng: f"+1-202-555-01{rng.randrange(100):02}",
    ),
    (
        _any_of(
            "sku",
        ),
        lambda _words, rng: f"SKU-{rng.randrange(10_000, 100_000)}",
    ),
    (
        _any_of("url", "uri", "link", "href"),
        lambda _words, rng: f"https://shop.example.com/{rng.choice(_WORDS)}/{rng.randrange(1000)}",
    ),
    (_any_of("ip", "ip address"), lambda _words, rng: f"192.0.2.{rng.randrange(1, 255)}"),
    (
        _any_of("host", "hostname", "domain"),
        lambda _words, rng: f"{rng.choice(_WORDS)}.example.com",
    ),
    (_any_of("locale", "language", "lang"), _one_of("en", "de", "fr", "ja")),
    (_any_of("timezone", "time zone"), _one_of("Europe/Berlin", "Asia/Tokyo", "UTC")),
    (
        _any_of(
            "version",
        ),
        lambda _words, rng: f"{rng.randint(1, 3)}.{rng.randrange(10)}",
    ),
    (_any_of("status", "state"), _one_of("ACTIVE", "PENDING", "COMPLETED")),
    (
        _any_of(
            "carrier",
        ),
        _one_of("DHL", "UPS", "Post"),
    ),
    (
        _any_of(
            "channel",
        ),
        _one_of("email", "sms", "push"),
    ),
    (_any_of("code", "coupon", "tracking number", "number"), _code),
    (
        _any_of("hash", "token", "digest", "checksum", "fingerprint"),
        lambda _words, rng: f"{rng.getrandbits(128):032x}",
    ),
    (_any_of("timestamp", "at", "time", "instant"), _iso_instant),
    (_any_of("date", "day", "on"), _iso_date),
    (
        _any_of("amount", "price", "total", "cost", "fee"),
        lambda _words, rng: f"{rng.uniform(1, 500):.2f}",
    ),
    (
        _any_of("message", "text", "body", "note", "comment", "description", "reason"),
        _one_of(*_SENTENCES),
    ),
    (_any_of("query", "term", "keyword"), lambda _words, rng: rng.choice(_PRODUCTS).lower()),
)

_WHOLE_NUMBERS: tuple[tuple[frozenset[str], tuple[int, int]], ...] = (
    (_any_of("quantity", "qty"), (1, 5)),
    (_any_of("count", "hit", "result"), (0, 50)),
    (_any_of("stock", "available", "reserved"), (0, 500)),
    (
        _any_of(
            "year",
        ),
        (2024, 2030),
    ),
    (
        _any_of(
            "month",
        ),
        (1, 12),
    ),
    (
        _any_of(
            "day",
        ),
        (1, 28),
    ),
    (
        _any_of(
            "age",
        ),
        (18, 90),
    ),
    (_any_of("attempt", "retry", "retrie", "position", "rank", "page"), (1, 10)),
    (_any_of("version", "revision", "sequence"), (1, 20)),
    (_any_of("cent", "price", "amount", "total"), (99, 50_000)),
    (_any_of("percent", "percentage", "score", "rating"), (0, 100)),
    (_any_of("ms", "duration", "latency"), (1, 5_000)),
    (_any_of("byte", "size", "length"), (1, 100_000)),
    (
        _any_of(
            "port",
        ),
        (1024, 65_535),
    ),
    (_any_of("status", "status code"), (200, 204)),
)

_REAL_NUMBERS: tuple[tuple[frozenset[str], tuple[float, float, int]], ...] = (
    (_any_of("latitude", "lat"), (-60, 70, 5)),
    (_any_of("longitude", "lon", "lng"), (-180, 180, 5)),
    (_any_of("rate", "ratio", "share", "probability", "confidence"), (0, 1, 3)),
    (_any_of("percent", "percentage", "score"), (0, 100, 1)),
    (_any_of("rating", "star"), (1, 5, 1)),
    (_any_of("weight", "kg"), (0.1, 30, 3)),
    (_any_of("amount", "price", "total", "cost", "fee", "tax", "discount"), (1, 500, 2)),
)
