"""Types, error codes, contexts and messages of the Confluent API, shared by client and server."""
