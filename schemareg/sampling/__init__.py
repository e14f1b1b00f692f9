"""Example events of a schema: seeded realistic samples, edge cases, Hypothesis strategies."""
