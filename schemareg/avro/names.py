"""Which names Avro Java accepts.

Source: Avro 1.12 specification, "Names"; `org.apache.avro.NameValidator`.
"""

from __future__ import annotations

from typing import Literal

NameRule = Literal["utf", "any-namespace", "strict", "none"]


def is_plain(name: str) -> bool:
    """True for a name of ASCII letters, digits and `_` that does not start with a digit."""
    return name.isascii() and name.isidentifier()


def name_fault(name: str, rule: NameRule) -> str | None:
    """What is wrong with an undotted `name` under `rule`; None: it is accepted.

    `utf` takes Java's letters and digits, which are 16-bit characters, and so does
    `any-namespace`, which is not applied to namespaces; `strict` ASCII only; `none` anything.
    """
    if rule == "none" or is_plain(name):
        return None
    if not name:
        return "is empty"
    if rule == "strict":
        odd = [c for c in name if not (c.isascii() and (c.isalnum() or c == "_"))]
    else:
        odd = [c for c in name if not (c == "_" or _is_java_letter(c) or c.isdecimal())]
    if odd:
        return f"holds {odd[0]!r}"
    if name[0].isdecimal():
        return f"starts with {name[0]!r}"
    return None


def _is_java_letter(char: str) -> bool:
    return char.isalpha() and char < "\U00010000"
