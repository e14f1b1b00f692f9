"""The garbage collector during the work of one command over many files."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_collector() -> Iterator[None]:
    """No collection of cycles inside: all that is built lives to the end, and looking through it
    again and again is a tenth of the time (scripts/bench lint, check).
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            if not gc.get_freeze_count():
                # what was built counts as old from here on, or all of it is looked through now
                gc.freeze()
                gc.unfreeze()
            gc.enable()
