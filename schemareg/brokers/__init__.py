"""Brokers of three kinds behind one protocol, and the round trip of real bytes through them."""

from schemareg.brokers.broker import Broker
from schemareg.brokers.opening import open_broker

__all__ = ["Broker", "open_broker"]
