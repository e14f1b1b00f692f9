"""The pre-commit hooks in a scratch repository, and the steps of the GitHub action."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

REPOSITORY = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
CONFIG = 'roots = ["schemas"]\nlevel = "FULL"\n[topics.orders]\nevents = ["shop.Placed"]\n'
PLACED = """{
  "type": "record",
  "name": "Placed",
  "namespace": "shop",
  "doc": "An order was placed.",
  "fields": [
    {"name": "id", "type": "string", "doc": "Which order."}
  ]
}
"""
CLASHING = PLACED.replace('"}\n', '"},\n    {"name": "n", "type": "int", "doc": "How many."}\n')


def environment(folder: Path) -> dict[str, str]:
    """A job's variables, without those of the job that runs these tests."""
    return {
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "PRE_COMMIT_HOME": str(folder / "hooks"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Author",
        "GIT_AUTHOR_EMAIL": "author@company.example",
        "GIT_COMMITTER_NAME": "Author",
        "GIT_COMMITTER_EMAIL": "author@company.example",
        "RUNNER_TEMP": str(folder / "temp"),
    }


def run(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=folder / "shop",
        env=environment(folder) | variables,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """The folder of a repository `shop` whose main has one event, on a branch of it."""
    shop = tmp_path / "shop"
    (shop / "schemas").mkdir(parents=True)
    (shop / "schemas/Placed.avsc").write_text(PLACED, encoding="utf-8")
    (shop / "schemareg.toml").write_text(CONFIG, encoding="utf-8")
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    # installed already: nothing is fetched by a test
    local = [{**hook, "language": "system"} for hook in hooks]
    repositories = {"repos": [{"repo": "local", "hooks": local}]}
    (shop / ".pre-commit-config.yaml").write_text(json.dumps(repositories), encoding="utf-8")
    for command in ("init -q -b main", "add .", "commit -q -m Start", "switch -q -c change"):
        done = run(tmp_path, "git", *command.split())
        assert done.returncode == 0, done.stderr
    return tmp_path


def hook(scratch: Path, text: str) -> dict[str, tuple[int, str]]:
    """Exit code and output of each hook after a change of the event to `text`."""
    (scratch / "shop/schemas/Placed.avsc").write_text(text, encoding="utf-8")
    run(scratch, "git", "add", ".")
    answers = {}
    for name in ("lint", "fmt", "check"):
        done = run(scratch, sys.executable, "-m", "pre_commit", "run", f"schemareg-{name}")
        answers[name] = (done.returncode, done.stdout)
    return answers


@pytest.mark.parametrize(
    ("text", "failing", "words"),
    [
        pytest.param(PLACED.replace("order was", "order has been"), (), "", id="fine"),
        pytest.param(CLASHING, ("check",), "INCOMPATIBLE orders-value", id="incompatible"),
        pytest.param("{\n", ("lint", "fmt", "check"), "json-syntax", id="not-json"),
    ],
)
def test_hooks(scratch: Path, text: str, failing: tuple[str, ...], words: str) -> None:
    answers = hook(scratch, text)
    assert {name for name, (code, _) in answers.items() if code} == set(failing), answers
    assert words in "".join(out for _, out in answers.values())


def step(name: str) -> Any:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
    [found] = [s for s in action["runs"]["steps"] if s["name"] == name]
    return found


@pytest.mark.parametrize(("text", "code"), [(PLACED, 0), (CLASHING, 1)], ids=["fine", "clash"])
def test_action_judges_and_leaves_its_reports(scratch: Path, text: str, code: int) -> None:
    temp = scratch / "temp"
    (temp / "schemareg/bin").mkdir(parents=True)
    (temp / "schemareg/bin/schemareg").symlink_to(BIN / "schemareg")
    (scratch / "shop/schemas/Placed.avsc").write_text(text, encoding="utf-8")
    variables = {
        "AGAINST": "",
        "FAIL_ON": "error",
        "GITHUB_OUTPUT": str(temp / "output"),
        "GITHUB_STEP_SUMMARY": str(temp / "summary"),
        "GITHUB_WORKSPACE": str(scratch / "shop"),
    }
    done = run(scratch, "bash", "-e", "-c", step("Judge the schemas")["run"], **variables)
    assert done.returncode == code, done.stderr
    assert ("::error file=schemas/Placed.avsc" in done.stdout) is bool(code)
    assert (temp / "summary").read_text(encoding="utf-8") == (temp / "schemareg.md").read_text(
        encoding="utf-8"
    )
    assert (temp / "output").read_text(encoding="utf-8") == f"sarif={temp}/schemareg.sarif\n"
    assert json.loads((temp / "schemareg.sarif").read_text(encoding="utf-8"))["version"] == "2.1.0"


def test_action_uses_no_other_action_and_puts_no_input_into_a_script() -> None:
    action = yaml.safe_load((REPOSITORY / "action.yml").read_text(encoding="utf-8"))
    for one in action["runs"]["steps"]:
        assert "uses" not in one
        assert "${{" not in one["run"]


@pytest.mark.parametrize(
    ("preview", "words"),
    [("", "report\n"), ("https://a.example/7/", "report\n\n[The catalog with this change](%s)\n")],
)
def test_comment_links_to_the_preview(scratch: Path, preview: str, words: str) -> None:
    (scratch / "schemareg.md").write_text("report\n", encoding="utf-8")
    (scratch / "scripts").mkdir()
    script = "import sys; sys.stdout.write(open(sys.argv[1]).read())"
    (scratch / "scripts/comment.py").write_text(script, encoding="utf-8")
    variables = {
        "PREVIEW": preview,
        "RUNNER_TEMP": str(scratch),
        "ACTION_PATH": str(scratch),
        "GITHUB_TOKEN": "",
        "GITHUB_WORKSPACE": str(scratch / "shop"),
    }
    done = run(scratch, "bash", "-e", "-c", step("Comment")["run"], **variables)
    assert (done.returncode, done.stdout) == (0, words.replace("%s", preview)), done.stderr
