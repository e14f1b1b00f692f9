"""The language server: what the commands know about schema files, while they are edited."""
