"""The catalog: pages about subjects, types, topics and services, as files without a server."""
