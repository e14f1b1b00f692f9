"""The services around the events: who uses which, and what follows from a change."""
