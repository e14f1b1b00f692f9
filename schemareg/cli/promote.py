"""`schemareg promote`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from schemareg.cli.inputs import open_client, open_config
from schemareg.cli.options import ConfigFile, OutputFormat, Outputs, Verbose
from schemareg.cli.output import finish, note
from schemareg.cli.parameters import Option
from schemareg.report import Format


def promote(
    source: Annotated[str, Option("--from", help="An environment of the configuration to read.")],
    target: Annotated[str, Option("--to", help="The environment that gets what it lacks.")],
    out: Annotated[
        Path | None,
        Option("--out", help="Write the plan to this file, for apply.", show_default=False),
    ] = None,
    keep_ids: Annotated[
        bool,
        Option("--keep-ids", help="Import versions under their numbers and ids."),
    ] = False,
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    outputs: Outputs = None,
    verbose: Verbose = False,
) -> None:
    """Plan how one environment gets the versions of another, and compare what both have.

    Only managed subjects, and only what is missing, references first. Nothing is changed before
    the plan is applied; run it again afterwards to compare texts and guids.
    """
    from schemareg.commands.promote import ids_taken, promote_states
    from schemareg.errors import ExitCode, UsageError
    from schemareg.plan.plan_json import save_plan
    from schemareg.state.registry import read_registry

    if source == target:
        raise UsageError(f"--from and --to are both {source!r}", advice="name two environments")
    reading = open_config(config, environment=source, verbose=verbose)
    writing = open_config(config, environment=target)
    with (
        open_client("promote", None, reading) as (source_client, source_name),
        open_client("promote", None, writing) as (target_client, target_name),
    ):
        names = [
            s
            for s in source_client.get_subjects()
            if reading.is_managed(s) and writing.is_managed(s)
        ]
        held = read_registry(source_client, source_name, names)
        wanted = list(dict.fromkeys([*names, *held.subjects]))
        state = read_registry(target_client, target_name, wanted, with_modes=keep_ids)
        result, made = promote_states(
            held,
            state,
            source_name=source_name,
            target_name=target_name,
            avro_version=writing.avro_version,
            keep_ids=keep_ids,
            taken_ids=ids_taken(held, state, target_client) if keep_ids else None,
        )
    if out is not None and result.exit_code() is ExitCode.YES:
        save_plan(made, writing.cwd / out)
        note(f"the plan is in {writing.shown(out)}")
    finish(result, format, verbose=verbose, outputs=outputs)
