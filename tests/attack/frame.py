"""What an attack is, and how inputs of it are driven: bounded in time and memory, reproducible."""

from __future__ import annotations

import faulthandler
import resource
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from random import Random

from schemareg.errors import SchemaregError
from schemareg.report.escape import line

Shot = Callable[[], str]
"""Drives one hostile input into our code; returns the text that a person would see of it."""
Shots = Callable[[Random], Iterator[Shot]]
"""One block of shots: all of it follows from the randomness."""

_HARD_LIMIT_S = 300.0
_MEBIBYTE = 1 << 20
UNSAFE = frozenset(
    chr(code)
    for code in (
        *range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, 0x2028, 0x2029,
        *range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000),
    )
)  # fmt: skip
"""What no line on a terminal may hold; written out here, not taken from the code under attack."""


class ViolatedError(Exception):
    """What may never happen has happened, without an exception of the code under attack."""


class _TookTooLong(BaseException):
    """Passes every `except Exception` of the code under attack."""


@dataclass(frozen=True, slots=True)
class Attack:
    """A kind of hostile input and what reading one may cost.

    `opened` sets the target up once and gives the shots against it. A shot may raise a
    SchemaregError, whose text and the returned one have to be one harmless line of at most
    `characters`. `cpu_s` bounds the processor time of a shot, `rise_mib` what the process's
    peak memory may grow by while the attack runs. `weight` is its share of the inputs, and
    `most` the number beyond which further inputs of it bring nothing. A run of fewer inputs than
    `least_run` leaves the attack out.
    """

    name: str
    opened: Callable[[], AbstractContextManager[Shots]]
    weight: float = 1.0
    most: int | None = None
    least_run: int = 0
    cpu_s: float = 2.0
    rise_mib: int = 300
    characters: int = 20_000


def steady(shots: Shots) -> Callable[[], AbstractContextManager[Shots]]:
    """For an attack whose target needs no setting up."""
    return lambda: nullcontext(shots)


@dataclass(frozen=True, slots=True)
class Finding:
    """What happened, and the block and number that make it happen again."""

    attack: str
    block: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.attack}: block {self.block}, input {self.number}: {self.what}"


@dataclass(slots=True)
class Tally:
    """What a run of one attack did."""

    shots: int = 0
    accepted: int = 0
    slowest_s: float = 0.0
    rise_mib: int = 0


_FINDINGS_MAX = 10
_BLOCK = 200
"""Inputs of one block, all from one seed."""


def run(attack: Attack, count: int, seed: str) -> tuple[Tally, list[Finding]]:
    """Drives `count` inputs; `seed` is the run's, and each block's is made of it and a number."""
    tally, findings = Tally(), list[Finding]()
    before = _peak_mib()
    with attack.opened() as shots:
        block = 0
        while tally.shots < count and len(findings) < _FINDINGS_MAX:
            name = f"{seed}.{block}"
            size = min(_BLOCK, count - tally.shots)
            findings += run_block(attack, shots, name, size, tally)
            block += 1
    tally.rise_mib = max(0, _peak_mib() - before)
    if tally.rise_mib > attack.rise_mib:
        what = f"the peak of memory rose by {tally.rise_mib} MiB"
        findings.append(Finding(attack.name, f"{seed}.0 to .{block - 1}", 0, what))
    return tally, findings


def run_block(
    attack: Attack, shots: Shots, block: str, count: int, tally: Tally
) -> Iterator[Finding]:
    """The findings of the first `count` inputs of one block."""
    rng = Random(f"{attack.name}/{block}")
    for number, shot in zip(range(count), shots(rng), strict=False):
        tally.shots += 1
        started = time.process_time()
        problem = _problem_of(attack, shot, tally)
        took_s = time.process_time() - started
        tally.slowest_s = max(tally.slowest_s, took_s)
        if problem:
            yield Finding(attack.name, block, number, problem)


def _problem_of(attack: Attack, shot: Shot, tally: Tally) -> str | None:
    try:
        with _deadline(attack.cpu_s):
            shown = shot()
        tally.accepted += 1
    except SchemaregError as refusal:
        shown = line(str(refusal))  # as the command line prints it
    except _TookTooLong:
        return f"more than {attack.cpu_s} s of processor time"
    except ViolatedError as violation:
        return str(violation)
    except Exception as error:  # noqa: BLE001  # this is what an attack looks for
        return f"{type(error).__name__}: {error}"[:300]
    if len(shown) > attack.characters:
        return f"a text of {len(shown)} characters: {shown[:80]!r}…"
    if bad := UNSAFE.intersection(shown):
        return f"{sorted(bad)!r} in {shown[:300]!r}"
    return None


@contextmanager
def _deadline(cpu_s: float) -> Iterator[None]:
    signal.setitimer(signal.ITIMER_PROF, cpu_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_number: int, _frame: object) -> None:
    raise _TookTooLong


@contextmanager
def watched() -> Iterator[None]:
    """Attacks run within: their deadlines hold, and a run that hangs ends with a dump.

    Deadlines are signals, so that they reach the main thread only.
    """
    previous = signal.signal(signal.SIGPROF, _stop)
    with suppress(RuntimeError):  # stderr may be no file, as in a test
        faulthandler.dump_traceback_later(_HARD_LIMIT_S * 12, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGPROF, previous)


def _peak_mib() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // _MEBIBYTE
