"""`schemareg order`."""

from __future__ import annotations

from schemareg.cli.graph import Against, ManifestFile, open_platform
from schemareg.cli.options import ConfigFile, FailOn, OutputFormat, Verbose
from schemareg.cli.output import finish
from schemareg.findings import Severity
from schemareg.report import Format


def order(
    services: ManifestFile = None,
    against: Against = "snapshot",
    config: ConfigFile = None,
    format: OutputFormat = Format.TEXT,
    fail_on: FailOn = Severity.ERROR,
    verbose: Verbose = False,
) -> None:
    """Show in which order services are deployed when schemas change, and the way back.

    From who can read whom, not from the level; what no order makes safe comes with a plan.
    """
    from schemareg.commands.collector import without_collector
    from schemareg.commands.order import order_result

    with without_collector():
        read, platform, _ = open_platform(services, config, against, verbose=verbose)
        result = order_result(read, platform)
    finish(result, format, fail_on)
