"""Where the registry server keeps everything: one SQLite file, or memory."""

from schemareg.registry.store.association_table import StoredAssociation
from schemareg.registry.store.rows import AVRO, Content, Holder, ReferenceGraph, StoredVersion
from schemareg.registry.store.store import Store, reading_file
from schemareg.registry.store.tables import Tables

__all__ = [
    "AVRO",
    "Content",
    "Holder",
    "ReferenceGraph",
    "Store",
    "StoredAssociation",
    "StoredVersion",
    "Tables",
    "reading_file",
]
