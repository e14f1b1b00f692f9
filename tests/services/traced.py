"""A chain of three services, and the messages that traces show of it."""

from __future__ import annotations

from typing import TypedDict, Unpack

from schemareg.services.traces import MessageSpan


class Place(TypedDict, total=False):
    """What joins a message to others, beside its span."""

    partition: str
    offset: str
    correlation: str


MANIFEST = """
[services.order]
produces = [
  { event = "shop.Placed", topic = "orders" },
  { event = "shop.Cancelled", topic = "orders" },
]
[[services.order.consumes]]
event = "shop.Paid"
topic = "payments"
[services.payment]
produces = [
  { event = "shop.Paid", topic = "payments" },
  { event = "shop.Refunded", topic = "payments" },
]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[services.mail]
consumes = [{ event = "shop.Placed", topic = "orders" }]
[chains.buy]
steps = [
  { event = "shop.Placed", undo = "shop.Cancelled" },
  { event = "shop.Paid", undo = "shop.Refunded" },
]
ends = ["shop.Paid", "shop.Cancelled"]
deadline = "1h"
"""
HOUR_NS = 3600 * 10**9

PLACED = ("Placed", "orders", "order")
CANCELLED = ("shop.Cancelled", "orders", "order")
PAID = ("Paid", "payments", "payment")
REFUNDED = ("Refunded", "payments", "payment")


def sent(n: int, event: str, topic: str, service: str, **more: Unpack[Place]) -> MessageSpan:
    return MessageSpan(("t", f"s{n}"), "", (), service, "send", topic, event=event, at_ns=n, **more)


def got(n: int, topic: str, service: str, **more: Unpack[Place]) -> MessageSpan:
    return MessageSpan(("u", f"r{n}"), "", (), service, "receive", topic, at_ns=n, **more)
