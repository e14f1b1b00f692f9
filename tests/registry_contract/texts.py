"""The schema texts that stories register: one record as it evolves, and what breaks it."""

from __future__ import annotations


def record(*fields: str, name: str = "R", more: str = "") -> str:
    """A record of the story's namespace, spelled as a registry spells it."""
    listed = ",".join(fields)
    return f'{{"type":"record","name":"{name}","namespace":"<ns>"{more},"fields":[{listed}]}}'


A = '{"name":"a","type":"int"}'
B = '{"name":"b","type":"string","default":""}'
C = '{"name":"c","type":"long","default":0}'
V1 = record(A)
V2 = record(A, B)
V3 = record(A, B, C)
"""V1, V2 and V3 read each other, in every direction."""
B_REQUIRED = record(A, '{"name":"b","type":"string"}')
"""Adds a field that V1's events lack: not BACKWARD, but FORWARD."""
A_RENAMED = record('{"name":"renamed","type":"int"}')
"""Neither BACKWARD nor FORWARD with V1."""
EMPTY = record()
"""Reads V1, and V1 does not read it: BACKWARD, not FORWARD."""
NOT_AVRO = '{"type":"nope"}'

ADDRESS = record('{"name":"street","type":"string"}', name="Address")
PERSON = record('{"name":"home","type":"<ns>.Address"}', name="Person")
PERSON_SHORT = record('{"name":"home","type":"Address"}', name="Person")
COUPLE = record('{"name":"first","type":"<ns>.Person"}', name="Couple")
