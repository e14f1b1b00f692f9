"""Names the tests of a JUnit report that ran on a real Kafka; ends with 1 if there is none."""

from __future__ import annotations

import sys
from xml.etree import ElementTree


def main(report: str) -> int:
    cases = [
        case
        for case in ElementTree.parse(report).iter("testcase")
        if "[container" in case.get("name", "") and not len(case)
    ]
    took_s = sum(float(case.get("time", "0")) for case in cases)
    print(f"{len(cases)} tests passed on Kafka in a container ({took_s:.1f} s):")
    for case in cases:
        print(f"  {case.get('classname')}::{case.get('name')}")
    return 0 if cases else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
