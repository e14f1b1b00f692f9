"""One run, several reports: `--output FORMAT=FILE`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import Schemareg

PRICE = '{"type":"record","name":"shop.Cart","fields":[{"name":"price","type":"double"}]}'


@pytest.fixture
def service(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A service in a folder of a repository, with an amount as double."""
    (here / ".git").mkdir()
    service = here / "services/shop"
    (service / "schemas").mkdir(parents=True)
    (service / "schemas/Cart.avsc").write_text(PRICE, encoding="utf-8")
    monkeypatch.chdir(service)
    return service


def test_a_run_writes_every_output_and_prints_its_format(
    schemareg: Schemareg, service: Path
) -> None:
    outputs = ("-o", "gitlab=quality.json", "--output", "sarif=out.sarif", "-o", "junit=junit.xml")
    answer = schemareg("lint", "schemas", "--format", "github", "--fail-on", "warning", *outputs)
    assert (answer.code, answer.err) == (
        1,
        "schemareg: 1 schema file read, 1 judged, 0 passed over\n",
    )
    assert "::warning file=services/shop/schemas/Cart.avsc,title=money-as-double," in answer.out
    entries = json.loads((service / "quality.json").read_text(encoding="utf-8"))
    [money] = [entry for entry in entries if entry["check_name"] == "money-as-double"]
    assert money["location"]["path"] == "services/shop/schemas/Cart.avsc"
    [run] = json.loads((service / "out.sarif").read_text(encoding="utf-8"))["runs"]
    assert run["invocations"] == [{"executionSuccessful": True, "exitCode": 1}]
    assert (service / "junit.xml").read_text(encoding="utf-8").startswith("<?xml")


@pytest.mark.parametrize(
    ("output", "words"),
    [
        pytest.param("sarif", "'sarif' is not FORMAT=FILE", id="no-file"),
        pytest.param("sarif=", "'sarif=' is not FORMAT=FILE", id="empty-file"),
        pytest.param("pdf=a.pdf", "'pdf=a.pdf' is not FORMAT=FILE", id="unknown-format"),
        pytest.param(
            "sarif=schemas/Cart.avsc/a.sarif",
            "schemas/Cart.avsc/a.sarif cannot be written",
            id="file-for-a-folder",
        ),
    ],
)
def test_an_output_that_cannot_be_is_a_usage_error(
    schemareg: Schemareg, service: Path, output: str, words: str
) -> None:
    answer = schemareg("lint", "schemas", "-o", output)
    assert (answer.code, answer.out) == (2, "")
    assert words in answer.err


@pytest.mark.parametrize("variable", ["", "GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION"])
def test_reports_name_the_commit_and_the_base(
    schemareg: Schemareg, here: Path, variable: str
) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/Cart.avsc").write_text(PRICE, encoding="utf-8")
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    for arguments in (("init", "-q", "-b", "main"), ("add", "-A"), ("commit", "-qm", "one")):
        subprocess.run(["git", *identity, *arguments], cwd=here, check=True)
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=here, capture_output=True, check=True)
    commit = "0a1b2c" if variable else asked.stdout.decode().strip()
    answer = schemareg(
        *("check", "--against", "git:main", "--format", "json", "-o", "html=check.html"),
        environment={variable: commit} if variable else {},
    )
    document = json.loads(answer.out)
    assert document["commit"] == commit
    assert document["compared_with"].startswith("git:main (")
    assert f"<dd>{commit}</dd>" in (here / "check.html").read_text(encoding="utf-8")


def test_report_outside_of_a_repository_names_no_commit(schemareg: Schemareg, here: Path) -> None:
    (here / "schemas").mkdir()
    (here / "schemas/Cart.avsc").write_text(PRICE, encoding="utf-8")
    assert json.loads(schemareg("lint", "--format", "json").out)["commit"] is None
