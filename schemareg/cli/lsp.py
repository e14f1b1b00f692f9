"""`schemareg lsp`."""

from __future__ import annotations


def lsp() -> None:
    """Serve an editor: findings while you type, hover, definitions, rename, fixes, layout.

    The editor starts this command and speaks the Language Server Protocol with it over stdin and
    stdout; docs/editors.md has the lines to configure. It reads files and git, never a registry.
    """
    from schemareg.lsp.server import new_server

    new_server().start_io()
