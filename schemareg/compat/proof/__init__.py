"""Proofs: a concrete event, as bytes, that shows an incompatibility."""
