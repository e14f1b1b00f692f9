"""When the versions of a snapshot were committed, by git."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from schemareg.registry.api.state import RegistryState, StoredVersion, SubjectState
from schemareg.state import write_snapshot
from schemareg.state.git import registered_at
from schemareg.subjects import Subject, Version
from schemareg.workspace import Config


def test_subjects_that_differ_only_by_case_have_dates_of_their_own(tmp_path: Path) -> None:
    snapshot = tmp_path / "registered"
    subjects = (Subject("Orders-value"), Subject("orders-value"))
    versions = (StoredVersion(Version(1), '"string"'),)
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    subprocess.run(["git", "init", "-q"], check=True, cwd=tmp_path, timeout=30)
    for at_s, count in ((1_000_000_000, 1), (1_100_000_000, 2)):
        state = RegistryState({s: SubjectState(s, versions) for s in subjects[:count]})
        write_snapshot(snapshot, state, within=(tmp_path,))
        date = f"@{at_s} +0000"
        dated = {**os.environ, "GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date}
        for arguments in (("add", "."), ("commit", "-q", "-m", "Register")):
            command = ["git", *identity, *arguments]
            subprocess.run(command, check=True, cwd=tmp_path, timeout=30, env=dated)
    config = Config(cwd=tmp_path, snapshot=snapshot)
    assert registered_at(config) == {
        ("Orders-value", 1): 1_000_000_000_000,
        ("orders-value", 1): 1_100_000_000_000,
    }
