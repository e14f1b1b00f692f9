"""Source of programs that use the events: typed models of the schemas."""
