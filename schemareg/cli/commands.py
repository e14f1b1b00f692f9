"""Which commands there are: one row each, with the example that its help shows."""

from __future__ import annotations

import functools
from collections.abc import Callable
from importlib import import_module
from typing import NamedTuple

import click

from schemareg import __version__
from schemareg.cli.failures import guarded
from schemareg.cli.parameters import command_of


class Row(NamedTuple):
    """A command: its name (of two words in a group), its function as `module:name`, examples."""

    name: str
    function: str
    examples: tuple[str, ...]


COMMANDS = (
    Row(
        "init",
        "init:init",
        ("schemareg init --registry https://registry:8081 --managed 'orders-*'",),
    ),
    Row("lint", "lint:lint", ("schemareg lint schemas/ --fail-on warning",)),
    Row(
        "fmt",
        "fmt:fmt",
        ("schemareg fmt --check --diff", "schemareg fmt - < Order.avsc"),
    ),
    Row(
        "check",
        "check:check",
        ("schemareg check --against snapshot", "schemareg check --against git:origin/main --prove"),
    ),
    Row("lsp", "lsp:lsp", ("schemareg lsp",)),
    Row("ci", "ci:ci", ("schemareg ci --format github --output markdown=comment.md",)),
    Row("register", "register:register", ("schemareg register --registry https://registry:8081",)),
    Row(
        "plan",
        "plan:plan",
        ("schemareg plan --registry https://registry:8081 --out plan.json",),
    ),
    Row(
        "apply", "plan:apply", ("schemareg apply plan.json --registry https://registry:8081 --yes",)
    ),
    Row(
        "rollback",
        "plan:rollback",
        ("schemareg rollback plan.json --registry https://registry:8081 --out undo.json",),
    ),
    Row(
        "promote",
        "promote:promote",
        ("schemareg promote --from staging --to production --out plan.json",),
    ),
    Row("drift", "drift:drift", ("schemareg drift --registry https://registry:8081 --all",)),
    Row(
        "roundtrip",
        "roundtrip:roundtrip",
        ("schemareg roundtrip --broker localhost:9092 --events 20",),
    ),
    Row("verify", "verify:verify", ("schemareg verify --registry embedded --broker embedded",)),
    Row(
        "graph",
        "graph:graph",
        ("schemareg graph --around order", "schemareg graph --draw mermaid > services.mmd"),
    ),
    Row(
        "rehearse",
        "rehearse:rehearse",
        (
            "schemareg rehearse",
            "schemareg rehearse --wave payment --wave order --history history.jsonl",
        ),
    ),
    Row(
        "chains",
        "chains:chains",
        (
            "schemareg chains traces.json --strict",
            "schemareg chains traces.json --draw ID",
        ),
    ),
    Row(
        "canary",
        "canary:canary",
        ("schemareg canary --topic orders --for 10m --canary-header track=canary",),
    ),
    Row(
        "contracts",
        "contracts:contracts",
        ("schemareg contracts --min-coverage 80 --badge contracts.svg",),
    ),
    Row(
        "can-i-deploy",
        "deployments:can_i_deploy",
        ("schemareg can-i-deploy order@3f2c1ab --to production",),
    ),
    Row(
        "record-version", "deployments:record_version", ("schemareg record-version order@3f2c1ab",)
    ),
    Row(
        "record-deployment",
        "deployments:record_deployment",
        ("schemareg record-deployment order@3f2c1ab --to production",),
    ),
    Row(
        "record-release",
        "deployments:record_release",
        ("schemareg record-release order@3f2c1ab --to production",),
    ),
    Row(
        "record-support-ended",
        "deployments:record_support_ended",
        ("schemareg record-support-ended order@3f2c1ab --to production",),
    ),
    Row(
        "impact",
        "impact:impact",
        (
            "schemareg impact --against git:origin/main --explain",
            'schemareg impact --pipeline github >> "$GITHUB_OUTPUT"',
        ),
    ),
    Row("order", "order:order", ("schemareg order --against https://registry:8081",)),
    Row(
        "diff",
        "diff:diff",
        (
            "schemareg diff carts-value@1 carts-value",
            "schemareg diff old.avsc new.avsc --format markdown",
        ),
    ),
    Row(
        "fingerprint",
        "fingerprint:fingerprint",
        ("schemareg fingerprint schemas/shared/Money.avsc",),
    ),
    Row(
        "config show",
        "config:show",
        ("schemareg config show schemas/events/order/OrderCreated.avsc",),
    ),
    Row("rules", "rules:rules", ("schemareg rules money-as-double",)),
    Row("sample", "sample:sample", ("schemareg sample OrderCreated --count 3 --edges",)),
    Row("fixtures generate", "fixtures:generate", ("schemareg fixtures generate",)),
    Row(
        "fixtures check", "fixtures:check", ("schemareg fixtures check --against git:origin/main",)
    ),
    Row("generate python", "generate:python", ("schemareg generate python src/events.py",)),
    Row("pull", "pull:pull", ("schemareg pull --registry https://registry:8081",)),
    Row(
        "services discover",
        "discover:discover",
        ("schemareg services discover --broker localhost:9092 --out services.toml",),
    ),
    Row(
        "services import",
        "exchange:import_services",
        ("schemareg services import catalog-info.yaml --as backstage",),
    ),
    Row(
        "services export",
        "exchange:export_services",
        ("schemareg services export eventcatalog/ --as eventcatalog",),
    ),
    Row(
        "registry backup",
        "registry:backup",
        ("schemareg registry backup registry.jsonl --db registry.db",),
    ),
    Row(
        "registry restore",
        "registry:restore",
        ("schemareg registry restore registry.jsonl --db new.db",),
    ),
    Row(
        "registry import",
        "registry:import_topic",
        (
            "schemareg registry import topic.jsonl --db new.db",
            "schemareg registry import kafka://localhost:9092/_schemas --db new.db",
        ),
    ),
    Row(
        "registry export",
        "registry:export_topic",
        ("schemareg registry export topic.jsonl --db registry.db",),
    ),
    Row(
        "registry release",
        "registry:release",
        ("schemareg registry release kafka://localhost:9092/_schemas",),
    ),
    Row("registry health", "registry:health", ("schemareg registry health http://127.0.0.1:8081",)),
    Row(
        "registry hash-password",
        "password:hash_password",
        ("schemareg registry hash-password < password.txt",),
    ),
    Row("metrics", "metrics:metrics", ("schemareg metrics --lines numbers.jsonl",)),
    Row("catalog serve", "catalog:serve", ("schemareg catalog serve --port 8090",)),
    Row("catalog build", "catalog:build", ("schemareg catalog build --out site",)),
    Row("serve", "serve:serve", ("schemareg serve --port 8081 --db registry.db",)),
)


GROUPS = {
    "config": "Look at the configuration.",
    "catalog": "Pages about all events, for people.",
    "services": "Exchange the manifest of services with other tools.",
    "generate": "Write typed models of the events.",
    "registry": "Keep what a served registry holds.",
    "fixtures": "Keep golden events of every version.",
}


class CommandGroup(click.Group):
    """Commands by name; only the one that runs is imported, all of them for the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of `COMMANDS`, groups last."""
        prefix = f"{self.name} " if self.name in GROUPS else ""
        names = [row.name.removeprefix(prefix) for row in COMMANDS if row.name.startswith(prefix)]
        own = [name for name in names if " " not in name]
        return own if prefix else [*own, *GROUPS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return find_command(f"{self.name} {cmd_name}" if self.name in GROUPS else cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Each command with its summary; none is made, with all its options, for that."""
        prefix = f"{self.name} " if self.name in GROUPS else ""
        names = self.list_commands(ctx)
        limit = formatter.width - 6 - max(map(len, names))
        with formatter.section("Commands"):
            formatter.write_dl([(name, _summary(prefix + name, limit)) for name in names])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches  # costs start-up time only a failure should pay

            near = get_close_matches(args[0], self.list_commands(ctx), n=1)
            if near and not args[0].startswith("-"):
                advised = f"{error.format_message()} Did you mean {near[0]!r}?"
                raise click.UsageError(advised, ctx) from None
            raise


@functools.cache
def find_command(name: str) -> click.Command | None:
    """The command or group `name`; None where there is none."""
    if name in GROUPS:
        return CommandGroup(name, help=GROUPS[name], no_args_is_help=True)
    row = next((row for row in COMMANDS if row.name == name), None)
    return None if row is None else _command(row)


def _function(row: Row) -> Callable[..., None]:
    module, _, name = row.function.partition(":")
    function: Callable[..., None] = getattr(import_module(f"schemareg.cli.{module}"), name)
    return function


def _summary(name: str, limit: int) -> str:
    """What the command or group `name` does, in `limit` characters."""
    text = GROUPS.get(name)
    if text is None:
        text = _function(next(row for row in COMMANDS if row.name == name)).__doc__
    return click.Command(name, help=text).get_short_help_str(limit)


def _command(row: Row) -> click.Command:
    from schemareg.cli.registry_options import with_registry_options

    noun = "Example" if len(row.examples) == 1 else "Examples"
    epilog = "\n".join(["\b", f"{noun}:", *(f"  {example}" for example in row.examples)])
    function = guarded(with_registry_options(_function(row)))
    return command_of(row.name.rpartition(" ")[2], function, epilog=epilog)


def application() -> click.Group:
    """`schemareg` with all its commands."""
    version = click.Option(
        ["--version"],
        help="Print the version and exit.",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_print_version,
    )
    return CommandGroup(
        "schemareg",
        help="Make Avro event schemas safe to change: lint, check, register, prove.",
        no_args_is_help=True,
        params=[version],
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _print_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        click.echo(f"schemareg {__version__}")
        context.exit()
