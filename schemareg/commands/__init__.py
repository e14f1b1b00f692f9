"""What each command does: a project against a state, a registry or a broker, as one result.

A command takes what it works on, reports its progress through a callback, and returns a result: a
frozen dataclass with findings and an exit code. It prints nothing.
"""
