"""Templates to HTML; everything that goes in is escaped by Jinja2."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from schemareg.site.links import Links
    from schemareg.site.schema_view import Word
    from schemareg.site.source import ReferenceRow
    from schemareg.site.views import DiffLine

STATIC: Final = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml"}
"""The files that a server's pages use, and their content types."""
_REMEMBERED = 4_096
_LONG = 2_048
"""Characters; a longer text is not remembered: it may be a stranger's, and is rarely repeated."""


class Rendering:
    """The package's templates and files, read when first asked for."""

    def html(self, template: str, values: Mapping[str, object]) -> str:
        """The template filled with `values`; a missing value raises."""
        return self._environment.get_template(template).render(values)

    def part(self, template: str, values: Mapping[str, object]) -> Markup:
        """A part of pages that others show as it is."""
        from markupsafe import Markup

        return Markup(self.html(template, values))

    def static(self, name: str) -> bytes:
        """The content of a file that pages use."""
        return files(__package__).joinpath(name).read_bytes()

    @cached_property
    def style_version(self) -> str:
        """Changes with the style sheet."""
        return hashlib.sha256(self.static("style.css")).hexdigest()[:12]

    @cached_property
    def _environment(self) -> Environment:
        from jinja2 import Environment, PackageLoader, StrictUndefined

        environment = Environment(
            loader=PackageLoader("schemareg.site"),
            autoescape=True,
            undefined=StrictUndefined,
            auto_reload=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters.update(
            breakable=breakable,
            changed_lines=changed_lines,
            linked=linked,
            services=services,
            remembered=Remembered(),
            iso=lambda ms: _time(ms).strftime("%Y-%m-%dT%H:%M:%SZ"),
            day=lambda ms: _time(ms).strftime("%d %b %Y"),
            minute=lambda ms: _time(ms).strftime("%d %b %Y %H:%M UTC"),
        )
        return environment


def _time(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)


def breakable(text: object) -> Markup:
    """The text, escaped, that may wrap after a dot, a slash and the like."""
    shown = str(text)
    return _breakable(shown) if len(shown) <= _LONG else _breakable.__wrapped__(shown)


@lru_cache(maxsize=4_096)
def _breakable(text: str) -> Markup:
    from markupsafe import Markup, escape

    escaped = str(escape(text))
    for sign in "._-/:,":
        escaped = escaped.replace(sign, f"{sign}<wbr>")
    return Markup(escaped)


class Remembered:
    """What a macro makes of values that many pages show, rendered once."""

    def __init__(self) -> None:
        self._parts: dict[tuple[object, ...], Markup] = {}

    def __call__(self, macro: Callable[..., Markup], *values: object) -> Markup:
        key = (macro, *values)
        part = self._parts.get(key)
        if part is None:
            part = macro(*values)
            if len(self._parts) >= _REMEMBERED:
                self._parts.clear()
            if len(part) <= _LONG:
                self._parts[key] = part
        return part


def linked(
    words: Sequence[Word], links: Links, homes: Mapping[str, ReferenceRow | str]
) -> tuple[tuple[str, bool, str | None], ...]:
    """Each word, whether it is the name of a type, and the address where that is shown."""
    return tuple(
        (word.text, True, _address(homes.get(word.type_name), links))
        if word.type_name
        else (word.text, False, None)
        for word in words
    )


def _address(home: ReferenceRow | str | None, links: Links) -> str | None:
    if home is None or isinstance(home, str):
        return home
    is_shown = links.shows(home.subject, home.version)
    return links.version(home.subject, home.version) if is_shown else None


class ServiceLinks(Protocol):
    """Links of pages that know of services."""

    def service(self, service: str) -> str:
        """The page of a service."""
        ...


def services(names: Sequence[str], links: ServiceLinks) -> tuple[tuple[str, str], ...]:
    """The services, each with the address of its page."""
    return tuple((name, links.service(name)) for name in names)


def changed_lines(lines: Sequence[DiffLine]) -> Markup:
    """The lines of a comparison, escaped; a template's loop takes six times as long."""
    from markupsafe import Markup, escape

    texts = str(escape("\n".join(line.text for line in lines))).split("\n")
    return Markup(
        "".join(
            f'<span class="{line.kind}"><span class="sign">{line.sign}</span>{text}\n</span>'
            for line, text in zip(lines, texts, strict=True)
        )
    )
