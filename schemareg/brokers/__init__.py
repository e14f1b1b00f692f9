"""Kafka brokers of three kinds behind one protocol: embedded, in a container, external."""

from schemareg.brokers.broker import Broker
from schemareg.brokers.opening import open_broker

__all__ = ["Broker", "open_broker"]
