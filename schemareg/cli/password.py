"""`schemareg registry hash-password`."""

from __future__ import annotations

import sys

import typer


def hash_password() -> None:
    """Print the hash of a password for the server's --auth-file; the password comes from stdin.

    On a terminal it is entered twice and not shown.
    """
    from schemareg.registry.server.auth.passwords import hash_password as hashed

    if sys.stdin.isatty():
        password = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    typer.echo(hashed(password))
