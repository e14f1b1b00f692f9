"""Pages that show what a registry holds: their contents, templates and routes; no script."""
