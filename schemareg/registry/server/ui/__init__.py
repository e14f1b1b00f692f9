"""The page for people: server-rendered, needs no script."""
