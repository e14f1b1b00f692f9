"""`schemareg serve`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from schemareg.cli.output import note
from schemareg.cli.parameters import Option


def serve(
    port: Annotated[
        int | None, Option("--port", "-p", help="Port; 0 takes a free one. [default: 8081]")
    ] = None,
    host: Annotated[
        str | None, Option("--host", help="Address to bind. [default: 127.0.0.1]")
    ] = None,
    db: Annotated[
        str | None,
        Option("--db", help="File that keeps everything, or :memory:. [default: :memory:]"),
    ] = None,
    store: Annotated[
        str | None,
        Option(
            "--store",
            help="kafka://HOST:PORT/TOPIC: the topic is the truth, --db its state on this node.",
        ),
    ] = None,
    advertise: Annotated[
        str | None,
        Option("--advertise", help="URL by which the other nodes of --store reach this one."),
    ] = None,
    read_only: Annotated[
        bool | None,
        Option("--read-only", help="Follow --store without ever writing to it or leading."),
    ] = None,
    profile: Annotated[
        str | None,
        Option("--profile", help="Behave as Confluent's release line 8 or 7. [default: 8]"),
    ] = None,
    keep_rule_sets: Annotated[
        bool | None,
        Option("--keep-rule-sets", help="Keep rule sets, which the community edition drops."),
    ] = None,
    auth_file: Annotated[
        Path | None, Option("--auth-file", help="Users, tokens and their rights.")
    ] = None,
    insecure: Annotated[
        bool | None,
        Option("--insecure", help="Let everybody who reaches --host do everything."),
    ] = None,
    cors_origins: Annotated[
        list[str] | None,
        Option(
            "--cors-origin",
            help="Site whose pages may use the registry from a browser, such as "
            "https://tools.example.com; * for every site. May be repeated.",
        ),
    ] = None,
    tls_certificate: Annotated[
        Path | None, Option("--tls-certificate", help="PEM file; with --tls-key.")
    ] = None,
    tls_key: Annotated[Path | None, Option("--tls-key", help="PEM file.")] = None,
    tls_client_ca: Annotated[
        Path | None,
        Option("--tls-client-ca", help="Ask clients for a certificate of this authority."),
    ] = None,
    access_log: Annotated[
        str | None, Option("--access-log", help="File for JSON lines, or - for stderr.")
    ] = None,
    requests_per_s: Annotated[
        float | None, Option("--requests-per-s", help="Limit for each principal.")
    ] = None,
) -> None:
    """Run a registry for Confluent's clients.

    Every option can also be given as SCHEMAREG_SERVE_… in the environment, or in the [serve] table
    of schemareg.toml. The variables of Confluent's image (SCHEMA_REGISTRY_…) are understood, too.
    """
    flags = dict(locals())
    from schemareg.registry.server.confluent_environment import from_confluent
    from schemareg.registry.server.serving import serve as run
    from schemareg.registry.server.settings import settings_from
    from schemareg.site.pages import Pages
    from schemareg.workspace import load_config

    config = load_config(None, Path.cwd())
    theirs = from_confluent(os.environ)
    for text in theirs.notes:
        note(text)
    environment = {**theirs.variables, **os.environ}
    settings = settings_from(
        flags=flags, environment=environment, table=config.serve, table_path=config.source
    )
    run(settings, announce=_announce, pages=Pages)


def _announce(url: str) -> None:
    note(f"serving at {url}, stop with Ctrl+C")
