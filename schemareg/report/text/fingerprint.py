"""The identities of schemas."""

from __future__ import annotations

from schemareg.commands.fingerprint import FingerprintResult, Identity
from schemareg.report.escape import line
from schemareg.report.page import Page


def fingerprint(result: FingerprintResult, page: Page) -> str:
    """A block a file: fingerprints, then the two canonical texts, unwrapped to be copied."""
    return "\n".join(_block(identity, page) for identity in result.identities) + "\n"


def _block(identity: Identity, page: Page) -> str:
    rows: list[tuple[str, ...]] = [*identity.fingerprints.items()]
    rows.append(("parsing canonical form", identity.parsing_canonical_form))
    rows.append(("registry's text", identity.text))
    title = f"{line(identity.path)} {page.paint(identity.fullname or '', 'bold')}".rstrip()
    return f"{title}\n{page.table(rows)}"
