"""The round-trip matrix: real bytes through a broker, every version read with every version."""
