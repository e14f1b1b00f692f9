"""W3C trace context in Kafka headers, and OpenTelemetry spans where OpenTelemetry is installed."""
