"""The verdict of a canary, and the numbers that it goes by."""

from __future__ import annotations

from schemareg.commands.canary import CanaryResult
from schemareg.report.page import Page
from schemareg.report.text.findings import many
from schemareg.services.canary import CanaryVerdict
from schemareg.services.canary_tests import Comparison


def canary(result: CanaryResult, page: Page) -> str:
    """The comparisons, the reasons, the verdict."""
    lines = [page.wrap(_compared(each), "    ", first="  ") for each in result.comparisons]
    lines += [page.wrap(reason, "    ", first="  - ") for reason in result.why]
    colour = "green" if result.verdict is CanaryVerdict.PASS else "red"
    text = f"{many(result.records, 'record')} of {result.topic} read by"
    text += f" {many(len(result.shadows), 'shadow')}, {result.failed} that only the old reader"
    text += f" reads, {result.passed_over} passed over, {many(result.looks, 'look')}"
    verdict = page.paint(str(result.verdict), "green" if colour == "green" else "red")
    return "\n".join([*lines, page.wrap(f"{verdict}: {text}", "  ", first="")]) + "\n"


def _compared(each: Comparison) -> str:
    p = "" if each.p is None else f", p = {each.p:.2g}"
    bound = "" if each.bound is None else f"; none seen: fewer than {each.bound:.2%}"
    if each.measure == "throughput":
        return f"throughput: {each.canary:.3g} records/s, {each.stable:.3g} before ({each.test}{p})"
    if each.interval and each.test == "block bootstrap":
        p = f", difference {each.interval[0]:.3g} to {each.interval[1]:.3g} s"
    return (
        f"{each.measure}: stable {each.stable:.3g} of {each.stable_n}, canary {each.canary:.3g}"
        f" of {each.canary_n} ({each.test}{p}){bound}"
    )
