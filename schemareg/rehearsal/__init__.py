"""A change's deployment rehearsed: simulated services on a real broker and registry."""
