"""Every dependency has a tested version in constraints.txt, and its reason in pyproject.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

TOP = Path(__file__).parents[2]
PYPROJECT = (TOP / "pyproject.toml").read_text(encoding="utf-8")


def requirements() -> Iterator[Requirement]:
    project = tomllib.loads(PYPROJECT)["project"]
    for text in (
        *project["dependencies"],
        *(each for extra in project["optional-dependencies"].values() for each in extra),
    ):
        found = Requirement(text)
        if found.name != "schemareg":
            yield found


TESTED = {
    canonicalize_name(name): version
    for name, version in re.findall(
        r"^([\w.-]+)==(\S+)$", (TOP / "constraints.txt").read_text(encoding="utf-8"), re.MULTILINE
    )
}


@pytest.mark.parametrize("requirement", [*requirements()], ids=str)
def test_dependency_has_a_tested_version_that_it_admits(requirement: Requirement) -> None:
    version = TESTED.get(canonicalize_name(requirement.name))
    assert version is not None, "run scripts/update-constraints"
    assert requirement.specifier.contains(version)


def test_installers_of_ci_install_the_tested_versions() -> None:
    lines = [
        f"{path.name}: {line.strip()}"
        for path in (TOP / ".ci/run", *(p for p in (TOP / "scripts").iterdir() if p.is_file()))
        for line in re.sub(r"\\\n", " ", path.read_text(encoding="utf-8")).splitlines()
        if re.search(r"\bpip\b.* install\b", line) and not line.lstrip().startswith("#")
    ]
    without = [
        line for line in lines if "-c constraints.txt" not in line and '-c "$PWD' not in line
    ]
    # one writes the file, one only gets pip for an environment that has none
    assert sorted(line.partition(":")[0] for line in without) == ["setup", "update-constraints"]
