"""Schema text to nodes: every problem of a text, not only the first."""
