"""schemareg: the toolkit that makes Avro event schemas safe to change."""

__version__ = "0.1.0"
