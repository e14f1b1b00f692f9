"""What changed between two schemas, field by field, and how much that weighs."""

from schemareg.diff.change import Change, ChangeKind, Impact, impact_of
from schemareg.diff.compare import diff

__all__ = ["Change", "ChangeKind", "Impact", "diff", "impact_of"]
