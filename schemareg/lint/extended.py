"""Policies that a project extends: the `[lint]` table of a file, or of an installed package.

Of a package only a file is read, schemareg.toml among those that it installed. None of its code is
run, and none is imported.
"""

from __future__ import annotations

from pathlib import Path

from schemareg.settings.toml_table import Table
from schemareg.settings.toml_text import read_toml
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config
from schemareg.workspace.files import Bounds, FileError, bounds_of, read_bytes

FILE_NAME = "schemareg.toml"


def read_policy(config: Config, table: Table, word: str) -> Table:
    """The `[lint]` table that `word` in `lint.extends` names: a *.toml file, or a distribution.

    A file is relative to the configuration, and in the same repository.

    Raises:
        UsageError: it is not there, cannot be read, or holds anything else than `[lint]`.
    """
    if word.endswith(".toml"):
        home = config.source.parent if config.source else config.cwd
        path = (home / word).resolve()
        return _lint_table(table, word, path, config.shown(path), bounds_of(config))
    path = _packaged(table, word)
    return _lint_table(table, word, path, f"{word}/{FILE_NAME}", ())


def _packaged(table: Table, name: str) -> Path:
    """The policy file that the installed distribution `name` holds."""
    from importlib import metadata  # imports what reads e-mail: only where a package is named

    try:
        distribution = metadata.distribution(name)
    except (metadata.PackageNotFoundError, ValueError):
        table.fail(
            "extends",
            f"{name!r} is neither a *.toml file nor an installed package",
            "install it beside schemareg, or write the path of a file",
        )
    held = next((file for file in distribution.files or () if file.name == FILE_NAME), None)
    if held is None:
        table.fail("extends", f"the package {name!r} has no {FILE_NAME}", "name another package")
    return Path(str(held.locate()))


def _lint_table(table: Table, word: str, path: Path, shown: str, within: Bounds) -> Table:
    try:
        raw = read_bytes(path, shown, within=within)
    except FileError as error:
        table.fail("extends", f"{word!r} cannot be read: {error.reason}", error.advice)
    text, values = read_toml(raw, shown, what="the policy")
    top = Table(values, shown, text_of_file=text)
    policy = top.table("lint")
    if "lint" not in values:
        top.fail("lint", "a policy without [lint]", did_you_mean("lint", values))
    top.finish()
    return policy
