"""Own rules: those that installed packages offer under the entry point `schemareg.rules`.

A package names a module (all rules in it count), a rule, or several:

    [project.entry-points."schemareg.rules"]
    company = "company_schemas.rules"

A project lists the entry points that it uses in `lint.plugins`. What it names has to be installed:
code in the repository itself is never loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any, cast

from schemareg.errors import UsageError
from schemareg.lint.rule import Check, Issue, Rule, rules_in
from schemareg.settings.toml_table import Table
from schemareg.suggestions import did_you_mean
from schemareg.workspace import Config
from schemareg.workspace.files import file_times

GROUP = "schemareg.rules"
OUR_PREFIX = "SR"


def plugin_rules(config: Config, builtin: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules of the entry points in `lint.plugins`, whose codes and names are their own.

    Raises:
        UsageError: no such entry point, one that is in the repository or fails, or a rule that is
            named as another one.
    """
    table = config.lint
    words = table.texts("plugins") or ()
    rules = list(builtin)
    for word in words:
        for rule in _load(table, word, config):
            _check_names(table, word, rule, rules)
            rules.append(replace(rule, check=_guarded(word, rule)))
    return tuple(rules[len(builtin) :])


def plugin_versions(config: Config) -> tuple[str, ...] | None:
    """The packages of `lint.plugins` with their versions; None where the code of one may change
    under its version, as that of an editable installation does.
    """
    from importlib import metadata  # imports what reads e-mail: only where a plugin is named

    installed = {entry.name: entry for entry in metadata.entry_points(group=GROUP)}
    versions = []
    for word in config.lint.texts("plugins") or ():
        dist = installed[word].dist if word in installed else None
        if dist is None or _is_editable(dist.read_text("direct_url.json")):
            return None
        files = [Path(str(dist.locate_file(file))) for file in dist.files or ()]
        code = sorted(str(_stamp(file)) for file in files if file.suffix == ".py")
        if not code:
            return None
        versions.append(f"{word} {dist.name} {dist.version} {' '.join(code)}")
    return tuple(versions)


def _is_editable(direct_url: str | None) -> bool:
    return direct_url is not None and '"editable"' in direct_url


def _stamp(file: Path) -> tuple[str, int, int]:
    times = file_times([file])
    return (str(file), *times.get(str(file), (0, 0)))


def _load(table: Table, word: str, config: Config) -> Iterable[Rule]:
    from importlib import metadata  # imports what reads e-mail: only where a plugin is named

    installed = {entry.name: entry for entry in metadata.entry_points(group=GROUP)}
    entry = installed.get(word)
    if entry is None:
        advice = did_you_mean(word, installed) if installed else "install the package that has it"
        table.fail("plugins", f"no installed package offers the rules {word!r}", advice)
    if entry.dist is not None:
        folder = Path(str(entry.dist.locate_file(""))).resolve()
        home = config.source.parent if config.source else config.cwd
        if folder in (config.cwd, home):
            advice = "install it; code in the repository is not loaded"
            table.fail("plugins", f"the package with the rules {word!r} is not installed", advice)
    try:
        offered = entry.load()
    except Exception as error:  # noqa: BLE001  the code of a plugin may raise anything
        table.fail("plugins", f"{word!r} cannot be loaded: {_shown(error)}", "correct the plugin")
    if isinstance(offered, ModuleType):
        return rules_in(offered)
    several = offered if isinstance(offered, list | tuple) else (offered,)
    if not all(isinstance(rule, Rule) for rule in several):
        table.fail(
            "plugins", f"{word!r} is no rule, and no module with rules", "decorate with @rule"
        )
    return cast("Sequence[Rule]", several)


def _check_names(table: Table, word: str, rule: Rule, known: Iterable[Rule]) -> None:
    if rule.code.startswith(OUR_PREFIX):
        message = f"{word!r}: the rule {rule.name!r} has the code {rule.code}"
        table.fail("plugins", message, f"begin codes with something else than {OUR_PREFIX}")
    for other in known:
        for mine in (rule.code, rule.name):
            if mine in (other.code, other.name):
                message = f"{word!r}: there is a rule {mine!r} already"
                table.fail("plugins", message, "give the rule a code and a name of its own")


def _guarded(word: str, rule: Rule) -> Check:
    """The check of `rule`, whose exceptions are reported as the plugin's."""
    check = cast("Callable[..., Iterator[Issue]]", rule.check)

    def guarded(site: Any, **options: object) -> Iterator[Issue]:
        try:
            yield from check(site, **options)
        except Exception as error:
            raise UsageError(
                f"the rule {rule.name!r} of {word!r} failed in {site.path}: {_shown(error)}",
                advice="correct the plugin, or switch the rule off",
            ) from error

    guarded.__kwdefaults__ = cast(Any, rule.check).__kwdefaults__  # the options of the rule
    return guarded


def _shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
