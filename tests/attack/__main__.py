"""The attack runner: `python -m tests.attack [INPUTS] [--seed SEED] [--row NAME]`."""

from __future__ import annotations

import argparse
import sys
import time

from tests.attack.all_attacks import ATTACKS
from tests.attack.frame import Attack, Finding, run, watched
from tests.attack.requests import waits


def shares(attacks: tuple[Attack, ...], count: int) -> list[int]:
    """How many of `count` inputs each attack drives; at least one."""
    total = sum(attack.weight for attack in attacks)
    shares = [max(1, round(count * attack.weight / total)) for attack in attacks]
    return [min(s, a.most or s) for s, a in zip(shares, attacks, strict=True)]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="scripts/attack")
    parser.add_argument("inputs", nargs="?", type=int, default=20_000)
    parser.add_argument("--seed", default="1", help="of the run; a finding names its block's")
    parser.add_argument("--row", choices=[attack.name for attack in ATTACKS], help="only this")
    given = parser.parse_args(arguments)
    attacks = tuple(
        attack
        for attack in ATTACKS
        if attack.name == given.row or (given.row is None and given.inputs >= attack.least_run)
    )
    findings: list[Finding] = []
    inputs = 0
    started = time.monotonic()
    with watched():
        for attack, count in zip(attacks, shares(attacks, given.inputs), strict=True):
            began = time.monotonic()
            tally, found = run(attack, count, given.seed)
            findings += found
            inputs += tally.shots
            write(
                f"{attack.name:16} {tally.shots:8} inputs, {tally.accepted:7} accepted, slowest "
                f"{tally.slowest_s:.2f} s, +{tally.rise_mib} MiB, {time.monotonic() - began:.1f} s"
            )
            for finding in found:
                write(f"  {finding}")
    took_s = time.monotonic() - started
    longest = f", a second client waited at most {max(waits.values()):.2f} s" if waits else ""
    left_out = [a.name for a in ATTACKS if given.row is None and a not in attacks]
    omitted = f", without {', '.join(left_out)}" if left_out else ""
    write(
        f"{inputs} inputs, seed {given.seed}, {len(findings)} findings{longest}{omitted}, "
        f"{took_s:.0f} s"
    )
    return 1 if findings else 0


def write(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
