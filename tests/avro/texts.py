"""Texts of records, and what is wrong with a text."""

from __future__ import annotations

from typing import Any

import pytest

from schemareg.avro import parse
from schemareg.errors import Problem, SchemaParseError


def problems(text: str | bytes, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(SchemaParseError) as refusal:
        parse(text, **options)
    return refusal.value.problems


def fields_of(*fields: str) -> str:
    return f'{{"type":"record","name":"R","fields":[{",".join(fields)}]}}'
