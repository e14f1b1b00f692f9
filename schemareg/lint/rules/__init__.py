"""The lint rules: one module per family, one decorated function per rule."""
