"""The pages say what the commands do, and show only commands that there are."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from schemareg.cli.commands import COMMANDS, find_command
from schemareg.cli.reference import reference
from schemareg.report import Format

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted([REPOSITORY / "README.md", *(REPOSITORY / "docs").glob("*.md")])
_SHOWN = re.compile(r"^(?:\$ |- |- run: |\s+run: )?(schemareg [a-z].*)$|`(schemareg [a-z][^`]*)`")


def test_page_about_the_commands_is_up_to_date() -> None:
    page = REPOSITORY / "docs" / "cli.md"
    assert page.read_text(encoding="utf-8") == reference(), (
        "write it anew: python -c 'from schemareg.cli.reference import reference;"
        ' print(reference(), end="")\' > docs/cli.md'
    )


def test_every_format_has_a_row() -> None:
    rows = re.findall(r"^\| `([a-z]+)` \| ", reference(), re.MULTILINE)
    assert sorted(set(rows) & set(Format)) == sorted(Format)


def shown() -> Iterator[tuple[str, str]]:
    """Every command that a page shows, with the page's name."""
    for page in PAGES:
        for line in page.read_text(encoding="utf-8").splitlines():
            for match in _SHOWN.finditer(line.strip()):
                yield page.name, (match[1] or match[2]).partition(" # ")[0].partition(" > ")[0]


def options() -> dict[str, set[str]]:
    """The options of each command."""
    found = {}
    for name, _, _ in COMMANDS:
        command = find_command(name)
        assert command is not None
        found[name] = {word for parameter in command.params for word in parameter.opts}
    return found


def test_pages_show_commands() -> None:
    assert {page for page, _ in shown()} >= {"README.md", "pull-requests.md", "configuration.md"}


def test_shown_commands_exist_with_their_options() -> None:
    known = options()
    assert {
        f"{page}: {command}" for page, command in shown() if not exists(command, known)
    } == set()


def exists(command: str, known: Mapping[str, set[str]]) -> bool:
    words = shlex.split(command.replace("…", ""))[1:]
    name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
    used = {word.partition("=")[0] for word in words if word.startswith("--")}
    if name in {group.partition(" ")[0] for group in known if " " in group}:
        return not used  # a group alone
    return used <= known.get(name, set()) | {"--help"} and name in {*known, "COMMAND"}
