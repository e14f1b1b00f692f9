"""`schemareg registry hash-password`: what it prints is what the auth file takes."""

from __future__ import annotations

import subprocess
import sys

from schemareg.registry.server.auth.passwords import password_fits

COMMAND = [sys.executable, "-m", "schemareg", "registry", "hash-password"]


def test_hash_of_the_piped_password_fits_it() -> None:
    done = subprocess.run(COMMAND, input="pässword \n", capture_output=True, encoding="utf-8")
    assert done.returncode == 0
    assert "pässword" not in done.stdout + done.stderr
    assert password_fits("pässword ", done.stdout.strip())


def test_empty_password_is_refused() -> None:
    done = subprocess.run(COMMAND, input="\n", capture_output=True, encoding="utf-8")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "schemareg: error: the password is empty\n"
