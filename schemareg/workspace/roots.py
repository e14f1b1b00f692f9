"""Roots with `*` or `?`, and modules: roots whose schemas have names of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from schemareg.lazy_dataclass import dataclass
from schemareg.patterns import matches_glob
from schemareg.settings.toml_table import Table
from schemareg.suggestions import did_you_mean
from schemareg.workspace.subject_settings import is_pattern


@dataclass(frozen=True, slots=True)
class RootPattern:
    """A root with `*` or `?`, as written: the files that fit it, or are in folders that do.

    `home` is what the pattern is relative to, `root` the folder that all such files are in.
    """

    text: str
    home: Path
    root: Path

    def fits(self, path: Path) -> bool:
        """Whether `path`, which is absolute, is one of those files."""
        if not path.is_relative_to(self.home):
            return False
        inside = path.relative_to(self.home).as_posix()
        glob = self.text.removeprefix("./").rstrip("/")
        globs = (glob, glob.removeprefix("**/"))
        return any(matches_glob(g, inside) for glob in globs for g in (glob, f"{glob}/*"))


@dataclass(frozen=True, slots=True)
class Module:
    """Schemas that resolve the names of types among themselves, then in the modules `uses`.

    Files outside of all modules are used by each. The subject of a type that only files refer to
    is `prefix` and its full name.
    """

    name: str
    roots: tuple[Path, ...]
    root_patterns: tuple[RootPattern, ...] = ()
    uses: tuple[str, ...] = ()
    prefix: str = ""

    def also_below(self, home: Path, own: Path) -> Module:
        """The module, its roots below `own` a second time, below `home`."""
        roots = (home / root.relative_to(own) for root in self.roots if root.is_relative_to(own))
        patterns = (
            replace(pattern, home=home, root=home / pattern.root.relative_to(own))
            for pattern in self.root_patterns
            if pattern.root.is_relative_to(own)
        )
        return replace(
            self,
            roots=(*self.roots, *roots),
            root_patterns=(*self.root_patterns, *patterns),
        )

    def depth_around(self, path: Path) -> int:
        """How many folders lead to the root that has `path`, which is absolute; 0: none has."""
        searched = {pattern.root for pattern in self.root_patterns}
        plain = [root for root in self.roots if root not in searched and path.is_relative_to(root)]
        fitting = [pattern.root for pattern in self.root_patterns if pattern.fits(path)]
        return max((len(root.parts) for root in (*plain, *fitting)), default=0)


def read_roots(
    given: Sequence[str], base: Path
) -> tuple[tuple[Path, ...], tuple[RootPattern, ...]]:
    """The folders of the roots `given`, relative to `base`, and those of them with `*` or `?`."""
    plain = [(base / root).resolve() for root in given if not is_pattern(root)]
    searched = [_root_pattern(root, base) for root in given if is_pattern(root)]
    patterns = tuple(p for p in searched if not any(map(p.root.is_relative_to, plain)))
    return tuple(dict.fromkeys((*plain, *(pattern.root for pattern in patterns)))), patterns


def _root_pattern(text: str, base: Path) -> RootPattern:
    """The root `text`, which is searched for from its last folder without a `*` or `?`."""
    parts = Path(text).parts
    fixed = next(at for at, part in enumerate(parts) if is_pattern(part))
    home = base.resolve()
    return RootPattern(text, home, home.joinpath(*parts[:fixed]))


def read_modules(tables: Sequence[tuple[str, Table]], base: Path) -> tuple[Module, ...]:
    """The modules of `tables`, each after those that it uses.

    Raises:
        UsageError: a module without roots, a root of two modules, one that is used and not there,
            or modules that use each other in a cycle.
    """
    modules: dict[str, Module] = {}
    owners: dict[Path | str, str] = {}
    for name, table in tables:
        module = _module(name, table, base, [name for name, _ in tables])
        searched = {pattern.root for pattern in module.root_patterns}
        own: list[Path | str] = [root for root in module.roots if root not in searched]
        own += [pattern.text for pattern in module.root_patterns]
        for root in own:
            if owners.setdefault(root, name) != name:
                table.fail("roots", f"a root of the module {owners[root]!r}, too", _ONE_MODULE)
        modules[name] = module
    return _in_order(modules, dict(tables))


_ONE_MODULE = "a file is of one module: remove the root from one of them"


def _module(name: str, table: Table, base: Path, names: Sequence[str]) -> Module:
    roots, patterns = read_roots(table.texts("roots") or (), base)
    if not roots:
        table.fail("roots", "a module without roots", "name the directories of its schemas")
    uses = table.texts("uses") or ()
    for used in uses:
        if used not in names or used == name:
            others = [other for other in names if other != name]
            table.fail("uses", f"there is no other module {used!r}", did_you_mean(used, others))
    prefix = table.text("prefix")
    table.finish()
    return Module(name, roots, patterns, uses, f"{name}." if prefix is None else prefix)


def _in_order(modules: Mapping[str, Module], tables: Mapping[str, Table]) -> tuple[Module, ...]:
    try:
        order = TopologicalSorter({m.name: m.uses for m in modules.values()}).static_order()
        return tuple(modules[name] for name in order)
    except CycleError as error:
        cycle = list(reversed(error.args[1]))
        tables[cycle[0]].fail(
            "uses",
            f"these modules use each other in a cycle: {' → '.join(cycle)}",
            "move the types that both use to a module of their own",
        )
