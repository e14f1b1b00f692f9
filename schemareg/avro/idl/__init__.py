"""Other languages for Avro types: protocols (`.avpr`) and Avro IDL (`.avdl`)."""
