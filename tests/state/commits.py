"""Repositories whose commits are states."""

from __future__ import annotations

import subprocess
from pathlib import Path

from schemareg.workspace import Config, load_config

MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[]}'
PAID = '{"type":"record","name":"Paid","namespace":"shop","fields":[{"name":"sum","type":"Money"}]}'


def git(at: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *identity, *arguments], cwd=at, check=True, capture_output=True, text=True
    )
    return done.stdout


def two_commits(tmp_path: Path) -> Path:
    """Two commits on main: Paid and Money; then Paid is gone from the work tree's commit."""
    top = tmp_path / "repo"
    files = {
        "schemas/Money.avsc": MONEY,
        "schemas/événements/Paid.avsc": PAID,
        "schemas/registered/shop.Money/subject.json": '{"subject":"shop.Money","versions":[]}',
        "schemas/registered/shop.Money/v1.avsc": MONEY,
        "schemareg.toml": 'roots = ["schemas"]\n[topics.payments]\nevents = ["shop.Paid"]\n',
    }
    for name, text in files.items():
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(text, encoding="utf-8")
    git(tmp_path, "init", "-q", "-b", "main", "repo")
    git(top, "add", "-A")
    git(top, "commit", "-qm", "one")
    git(top, "tag", "v1")
    (top / "schemas/événements/Paid.avsc").unlink()
    git(top, "commit", "-qam", "two")
    return top


def config_of(top: Path) -> Config:
    return load_config(None, top)
