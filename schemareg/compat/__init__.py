"""Can this reader read that writer, and does a new schema fit its history?"""

from schemareg.compat.can_read import can_read
from schemareg.compat.check import Clash, Direction, check
from schemareg.compat.incompatibility import Incompatibility, Kind

__all__ = ["Clash", "Direction", "Incompatibility", "Kind", "can_read", "check"]
