"""An order service: places orders, confirms those that are paid, cancels those that are not."""

from order_service.service import OrderService, Settings

__all__ = ["OrderService", "Settings"]
