"""The commands as a page: docs/cli.md is what `reference()` returns."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from enum import Enum
from typing import get_args, get_type_hints

import typer
from typer.main import get_command

from schemareg.cli.commands import COMMANDS, register
from schemareg.errors import ExitCode

_HEAD = """# The commands

This page is generated from the commands themselves; `schemareg COMMAND --help` prints the same.

An option counts first, then its variable of the environment, then the
[configuration](configuration.md), then the default. Results go to stdout, everything else to
stderr. Colours appear on a terminal only; `NO_COLOR` removes them, `FORCE_COLOR` forces them.

| `--format` | for |
|---|---|
| `text` | people |
| `json` | programs: one document with `format_version`, by its [JSON Schema](schemas/) |
| `github` | annotations on the lines of a pull request; nothing where nothing is wrong |
| `markdown` | a comment, or a job's summary |
| `junit` | the test report of any CI; what weighs less than `--fail-on` passes |
| `html` | one page without scripts, to keep with a build |

| exit code | meaning |
|---|---|
"""

_MEANINGS = {
    ExitCode.YES: "yes",
    ExitCode.NO: "the answer is no: findings, incompatible, refused, events that differ",
    ExitCode.ASKED_WRONGLY: "usage error: option, configuration, path, git ref, missing extra",
    ExitCode.EXTERNAL_FAILURE: "a registry, broker, Docker or git failed",
    ExitCode.PLAN_STALE: "a saved plan no longer fits the registry",
    ExitCode.CHANGES_PENDING: "changes are pending (only with `plan --detailed-exitcode`)",
    ExitCode.BUG: "a fault of this tool",
    ExitCode.INTERRUPTED: "interrupted (143: ended by SIGTERM)",
}


def reference() -> str:
    """Every command with its arguments, options and examples, as Markdown."""
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    register(app)
    rows = "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in _MEANINGS.items())
    return _HEAD + rows + "".join(_commands(get_command(app)))


def _commands(app: object) -> Iterator[str]:
    for name, function, examples in COMMANDS:
        command: object = app
        for word in name.split(" "):
            command = getattr(command, "commands")[word]  # noqa: B009  # typer's click has no types
        yield f"\n## schemareg {name}\n\n"
        yield inspect.cleandoc(function.__doc__ or "") + "\n\n"
        yield "```\n" + "".join(f"{example}\n" for example in examples) + "```\n\n"
        yield "| option | | default |\n|---|---|---|\n"
        hints = get_type_hints(function)
        for parameter in getattr(command, "params"):  # noqa: B009
            if parameter.name != "help":
                text = _described(parameter) + _choices(hints.get(parameter.name))
                yield f"| {_spelt(parameter)} | {text} | {_default(parameter)} |\n"


def _spelt(parameter: object) -> str:
    if getattr(parameter, "param_type_name", "") == "argument":
        return f"`{str(getattr(parameter, 'name', '')).upper()}`"
    return ", ".join(f"`{word}`" for word in getattr(parameter, "opts", ()))


def _described(parameter: object) -> str:
    """The help, and the variable of the environment."""
    text = str(getattr(parameter, "help", None) or "").partition("  [")[0]
    variable = getattr(parameter, "envvar", None)
    return (f"{text} `{variable}`" if variable else text).strip().replace("|", "\\|")


def _choices(hint: object) -> str:
    """The words to choose from, where there are such."""
    for kind in (hint, *get_args(hint)):
        if isinstance(kind, type) and issubclass(kind, Enum):
            return f" ({', '.join(str(member.value) for member in kind)})"
    return ""


def _default(parameter: object) -> str:
    if getattr(parameter, "required", False):
        return "required"
    value = getattr(parameter, "default", None)
    if value is None or value is False or value == ():
        return ""
    return f"`{value.value if isinstance(value, Enum) else value}`"
