"""The ranges of Avro's and Java's integers, ends included."""

from __future__ import annotations

from typing import Final

INT_MIN: Final = -(2**31)
INT_MAX: Final = 2**31 - 1
LONG_MIN: Final = -(2**63)
LONG_MAX: Final = 2**63 - 1

INT: Final = range(INT_MIN, INT_MAX + 1)
LONG: Final = range(LONG_MIN, LONG_MAX + 1)
