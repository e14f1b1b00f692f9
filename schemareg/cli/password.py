"""`schemareg registry hash-password`."""

from __future__ import annotations

import sys

import click

from schemareg.cli.output import write
from schemareg.report.escape import exact


def hash_password() -> None:
    """Print the hash of a password for the server's --auth-file; the password comes from stdin.

    On a terminal it is entered twice and not shown.
    """
    from schemareg.registry.server.auth.passwords import hash_password as hashed

    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    write(exact(hashed(password) + "\n"))
