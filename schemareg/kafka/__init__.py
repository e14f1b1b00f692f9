"""Brokers of three kinds behind one protocol, and the round trip of real bytes through them."""

from schemareg.kafka.broker import Broker
from schemareg.kafka.opening import open_broker

__all__ = ["Broker", "open_broker"]
