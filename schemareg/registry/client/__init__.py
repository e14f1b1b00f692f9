"""A client of any registry with Confluent's API: one set of operations, run by two clients.

`operations` declares every operation (route, parameters, answer, docstring); each is a generator
that yields the requests to send. `session` sends them with retry and failover; `sync` and `aio`
run the generators with httpx.
"""
