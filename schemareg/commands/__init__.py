"""What each command does: a project against a base, a registry or a broker, told as data.

A job takes what it works on, tells its progress through a callback, and returns an result: a
frozen dataclass that reports render. Jobs never print.
"""
