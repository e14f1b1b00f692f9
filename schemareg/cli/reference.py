"""The commands as a page: docs/cli.md is what `reference()` returns."""

from __future__ import annotations

from collections.abc import Iterator

import click

from schemareg.cli.commands import COMMANDS, find_command
from schemareg.cli.parameters import EnumChoice, HelpedArgument
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
| `sarif` | code scanning: SARIF 2.1.0 with stable fingerprints |
| `gitlab` | GitLab's Code Quality report of a merge request |
| `azure` | annotations in Azure Pipelines |

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
    rows = "".join(f"| {int(code)} | {meaning} |\n" for code, meaning in _MEANINGS.items())
    return _HEAD + rows + "".join(_commands())


def _commands() -> Iterator[str]:
    for row in COMMANDS:
        command = find_command(row.name)
        assert command is not None
        yield f"\n## schemareg {row.name}\n\n"
        yield f"{command.help}\n\n"
        yield "```\n" + "".join(f"{example}\n" for example in row.examples) + "```\n\n"
        yield "| option | | default |\n|---|---|---|\n"
        for parameter in command.params:
            text = _described(parameter) + _choices(parameter)
            yield f"| {_spelt(parameter)} | {text} | {_default(parameter)} |\n"


def _spelt(parameter: click.Parameter) -> str:
    if isinstance(parameter, HelpedArgument):
        return f"`{(parameter.name or '').upper()}`"
    return ", ".join(f"`{word}`" for word in parameter.opts)


def _described(parameter: click.Parameter) -> str:
    """The help, and the variable of the environment."""
    assert isinstance(parameter, HelpedArgument | click.Option)
    if isinstance(parameter, HelpedArgument):
        return parameter.description
    text = (parameter.help or "").partition("  [")[0]
    variable = parameter.envvar
    return (f"{text} `{variable}`" if variable else text).strip().replace("|", "\\|")


def _choices(parameter: click.Parameter) -> str:
    """The words to choose from, where there are such."""
    kind = parameter.type
    return f" ({', '.join(kind.choices)})" if isinstance(kind, EnumChoice) else ""


def _default(parameter: click.Parameter) -> str:
    if parameter.required:
        return "required"
    value = parameter.default
    return "" if value is None or value is False or value == () else f"`{value}`"
