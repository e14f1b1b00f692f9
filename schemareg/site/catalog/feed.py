"""The changes for feed readers (Atom, RFC 4287), the site map, and plain text for tools."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from xml.etree import ElementTree

from schemareg.site.catalog.links import Addresses
from schemareg.site.catalog.views import Step, SubjectPage, SubjectSummary

_ATOM = "http://www.w3.org/2005/Atom"
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


def atom(
    title: str, base_url: str, steps: Sequence[Step], at: Addresses, path: str = "changes.xml"
) -> bytes:
    """A feed of registered versions; `base_url` makes addresses absolute, where it is known."""
    ElementTree.register_namespace("", _ATOM)
    feed = ElementTree.Element(f"{{{_ATOM}}}feed")
    dated = [step for step in steps if step.written_ms is not None]
    _add(feed, "title", title)
    identity = base_url or "urn:schemareg:catalog"
    if path != "changes.xml":
        identity = f"{base_url or 'urn:schemareg:'}{path}"
    _add(feed, "id", identity)
    _add(feed, "updated", _instant(max((s.written_ms or 0 for s in dated), default=0)))
    for step in dated:
        entry = ElementTree.SubElement(feed, f"{{{_ATOM}}}entry")
        up = "" if base_url else "../" * path.count("/")
        address = f"{base_url}{at.version_page(step.subject, step.version)}"
        weight = step.impact.value if step.impact else "first" if step.previous is None else "none"
        _add(entry, "title", f"{step.subject} version {step.version} ({weight})")
        _add(entry, "id", address if base_url else f"urn:schemareg:{address}")
        _add(entry, "updated", _instant(step.written_ms or 0))
        ElementTree.SubElement(entry, f"{{{_ATOM}}}link", href=up + address)
        _add(entry, "summary", "; ".join(step.changes))
    return _document(feed)


def sitemap(base_url: str, pages: Iterable[str]) -> bytes:
    """The addresses of `pages` for search engines."""
    ElementTree.register_namespace("", _SITEMAP)
    root = ElementTree.Element(f"{{{_SITEMAP}}}urlset")
    for page in pages:
        entry = ElementTree.SubElement(root, f"{{{_SITEMAP}}}url")
        ElementTree.SubElement(entry, f"{{{_SITEMAP}}}loc").text = f"{base_url}{page}"
    return _document(root)


def plain_text(page: SubjectPage) -> str:
    """A subject in plain text, for tools that read rather than look."""
    view = page.view
    lines = [f"# {view.subject}", "", f"Level: {view.level}"]
    lines += [f"Topics: {', '.join(page.topics)}"] if page.topics else []
    lines += (
        [f"Produced by: {', '.join(p.service for p in page.producers)}"] if page.producers else []
    )
    lines += (
        [f"Consumed by: {', '.join(c.service for c in page.consumers)}"] if page.consumers else []
    )
    for section in page.latest.sections:
        lines += ["", f"## {section.kind} {section.fullname}".rstrip()]
        lines += [section.doc] if section.doc else []
        for field in section.fields:
            kind = "".join(word.text for word in field.type)
            kind += f" ({field.logical})" if field.logical else ""
            default = "" if field.default is None else f", default {field.default}"
            lines.append(f"- {field.name}: {kind}{default}{'. ' + field.doc if field.doc else ''}")
        lines += [f"- {symbol}" for symbol in section.symbols]
    lines += ["", "## History"]
    for step in page.steps:
        weight = step.impact.value if step.impact else "first" if step.previous is None else "same"
        changes = "; ".join(step.changes)
        lines.append(f"- version {step.version} ({weight}){': ' + changes if changes else ''}")
    return "\n".join(lines) + "\n"


def overview(title: str, pages: Sequence[SubjectSummary], at: Addresses) -> str:
    """`llms.txt`: where the plain texts are."""
    lines = [f"# {title}", "", "## Subjects"]
    for page in pages:
        first = page.doc.partition(". ")[0]
        lines.append(
            f"- [{page.subject}]({at.subject_folder(page.subject)}/index.txt)"
            + (f": {first}" if first else "")
        )
    return "\n".join(lines) + "\n"


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, f"{{{_ATOM}}}{name}").text = "".join(
        c for c in text if c in "\t\n" or c >= " "
    )


def _instant(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _document(root: ElementTree.Element) -> bytes:
    body: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return body + b"\n"
