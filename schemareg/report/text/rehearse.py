"""What a rehearsal of a deployment showed."""

from __future__ import annotations

import json

from schemareg.commands.rehearse import RehearseResult
from schemareg.report.escape import line
from schemareg.report.page import Page
from schemareg.report.text.findings import finding, many


def rehearse(result: RehearseResult, page: Page) -> str:
    """The waves, what failed with the first record in full, and what was covered."""
    lines = [
        page.wrap(f"wave {number}: {', '.join(wave)}", "    ", first="")
        for number, wave in enumerate(result.waves, 1)
    ]
    if page.verbose:
        lines += [
            f"  {line(m.consumer)} ({'new' if m.is_new else 'old'}) met"
            f" v{m.version} of {line(m.event)}"
            for m in result.covered
        ]
    lines += [finding(each, page) for each in result.findings]
    if result.first is not None:
        unread = result.first
        lines.append(page.wrap(f"the first such record, {unread.step}:", "  ", first=""))
        lines += [
            f"  event:  {line(json.dumps(unread.value, ensure_ascii=False))}",
            f"  bytes:  {line(unread.hex)}",
            f"  writer: {line(' '.join(unread.writer_schema.split()))}",
            f"  reader: {line(' '.join(unread.reader_schema.split()))}",
        ]
    if not result.events:
        return "\n".join([*lines, "nothing to rehearse: no registered event changes"]) + "\n"
    verdict = "failed" if result.findings else "passed"
    text = f"{verdict}: {many(len(result.waves), 'wave')} and each way back, on"
    text += f" {result.broker} with seed {result.seed}: {many(result.restarts, 'restart')},"
    text += f" {many(result.records, 'record')}, {many(result.reads, 'read')},"
    text += f" {many(len(result.covered), 'pair')} of reader and version,"
    text += f" {result.unreadable} unreadable, {result.lost} lost"
    return "\n".join([*lines, page.wrap(text, "  ", first="")]) + "\n"
