"""The GitLab component: its inputs, and its script as a job runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

TEMPLATE = Path(__file__).parents[2] / "templates/schemareg.yml"
PLACED = (
    '{"type": "record", "name": "Placed", "namespace": "shop", "doc": "An order was placed.", '
    '"fields": [{"name": "id", "type": "string", "doc": "Which."}]}'
)
CLASHING = PLACED.replace("}]}", '}, {"name": "n", "type": "int", "doc": "How many."}]}')


def parts() -> tuple[dict[str, Any], dict[str, Any]]:
    """The specification of the inputs, and the job."""
    spec, jobs = yaml.safe_load_all(TEMPLATE.read_text(encoding="utf-8"))
    return spec["spec"]["inputs"], jobs["schemareg"]


def test_every_input_is_used_and_has_a_default() -> None:
    inputs, job = parts()
    text = json.dumps(job)
    assert [name for name in inputs if f"$[[ inputs.{name} ]]" not in text] == []
    assert [name for name, own in inputs.items() if "default" not in own] == []
    assert text.count("$[[") == len(inputs)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=Author", "-c", "user.email=author@company.example")
    command = ["git", *identity, *arguments]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=30)


def test_the_job_fails_a_merge_request_that_breaks_readers(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    (origin / "app/schemas").mkdir(parents=True)
    config = 'roots = ["schemas"]\nlevel = "FULL"\n[topics.orders]\nevents = ["shop.Placed"]\n'
    (origin / "app/schemareg.toml").write_text(config, encoding="utf-8")
    (origin / "app/schemas/Placed.avsc").write_text(PLACED, encoding="utf-8")
    git(origin, "init", "-q", "-b", "main")
    git(origin, "add", ".")
    git(origin, "commit", "-qm", "one")
    git(origin, "switch", "-qc", "change")
    (origin / "app/schemas/Placed.avsc").write_text(CLASHING, encoding="utf-8")
    git(origin, "commit", "-qam", "two")
    git(tmp_path, "clone", "-q", "--single-branch", origin.as_uri(), "clone")
    inputs, job = parts()
    variables = dict(job["variables"])
    for name, own in inputs.items():
        given = "app" if name == "working-directory" else own["default"]
        variables = {k: v.replace(f"$[[ inputs.{name} ]]", given) for k, v in variables.items()}
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "CI_PROJECT_DIR": str(clone),
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        **variables,
    }
    fetch = job["before_script"][-1]
    done = subprocess.run(
        ["bash", "-ec", "\n".join([fetch, *job["script"]])],
        cwd=clone, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    report = json.loads((clone / "schemareg-quality.json").read_text(encoding="utf-8"))
    places = {issue["location"]["path"] for issue in report}
    assert places == {"app/schemas/Placed.avsc"}
    assert (clone / job["artifacts"]["reports"]["junit"]).exists()
