"""Schema texts changed by machine: the layout of `fmt`, and edits that are verified first."""
