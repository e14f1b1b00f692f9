"""Subjects with their context: `:.sales:orders-value` is `orders-value` in the context `.sales`.

Source: Confluent, "Schema contexts"; the spelling of odd names as 8.3.1 reads them.
"""

from __future__ import annotations

from schemareg.lazy_dataclass import dataclass

DEFAULT_CONTEXT = "."
ANY_CONTEXT = "*"
GLOBAL = ""
"""The key of the configuration and mode that hold where no subject or context has its own."""
ABOVE_GLOBAL = ":.__GLOBAL:"
"""The key that holds for every context that has none of its own."""


@dataclass(frozen=True, slots=True)
class QualifiedSubject:
    """A subject's name inside its context; `str()` is the shortest spelling that finds it."""

    context: str
    name: str

    def __str__(self) -> str:
        if self.context == DEFAULT_CONTEXT:
            return self.name
        return f":{self.context}:{self.name}"

    @property
    def context_prefix(self) -> str:
        """The context as messages spell it: empty for the default one."""
        return "" if self.context == DEFAULT_CONTEXT else f":{self.context}:"

    @property
    def is_ambiguous(self) -> bool:
        """Has a name in the default context whose shortest spelling names another context."""
        return self.context == DEFAULT_CONTEXT and self.name.startswith((":.", ":*:"))

    @property
    def is_context(self) -> bool:
        """Names a whole context, such as `:.sales:`, and no subject in it."""
        return not self.name


def qualified(text: str) -> QualifiedSubject:
    """The subject that `text` names; `:.ctx` without a second colon is the context itself."""
    if text.startswith(":*:"):
        return QualifiedSubject(ANY_CONTEXT, text[3:])
    if not text.startswith(":."):
        return QualifiedSubject(DEFAULT_CONTEXT, text)
    context, _, name = text[1:].partition(":")
    return QualifiedSubject(context, name)


def qualified_in(context: str, text: str) -> QualifiedSubject:
    """The subject that `text` names to a schema of `context`: unqualified names stay inside."""
    if text.startswith((":.", ":*:")):
        return qualified(text)
    return QualifiedSubject(context, text)


def context_of_path(segment: str) -> str | None:
    """The context that the URL prefix `/contexts/{segment}` selects; None: not a context name."""
    name = segment
    if name.startswith(":") and name.endswith(":") and len(name) > 1:
        name = name[1:-1]
    if ":" in name:
        return None
    return name if name.startswith(".") else f".{name}"
