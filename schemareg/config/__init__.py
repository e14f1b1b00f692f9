"""schemareg.toml, or `[tool.schemareg]` of pyproject.toml, read into a frozen `Config`."""

from schemareg.config.model import AvroVersion, Config, ConsumerConfig, TopicConfig
from schemareg.config.reading import load_config

__all__ = ["AvroVersion", "Config", "ConsumerConfig", "TopicConfig", "load_config"]
