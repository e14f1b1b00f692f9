"""Python source under construction: lines, fresh names, and the objects that they mention."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Source:
    """The text of one module of generated functions, and its globals."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._indent = 0
        self._names = 0
        self.globals: dict[str, Any] = {}

    def line(self, text: str) -> None:
        self._lines.append(" " * self._indent + text)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """`opening` (ending in a colon), and what is written inside one step deeper."""
        self.line(opening)
        self._indent += 1
        yield
        self._indent -= 1

    def fresh(self, stem: str) -> str:
        """A name that nothing else in this source has."""
        self._names += 1
        return f"{stem}{self._names}"

    def constant(self, stem: str, value: object) -> str:
        """The name under which the generated code finds `value`."""
        name = self.fresh(stem)
        self.globals[name] = value
        return name

    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def run(self, title: str) -> dict[str, Any]:
        """The globals after the text has run; a traceback calls its file `title`."""
        exec(compile(self.text(), f"<{title}>", "exec"), self.globals)
        return self.globals
