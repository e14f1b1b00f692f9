"""Starts the container of `--broker container`, says where it is, and removes it at the end."""

from __future__ import annotations

import signal
import sys
import time

from schemareg.brokers import open_broker
from schemareg.errors import SchemaregError


def main() -> int:
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # a shell gives SIGINT no effect in what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with open_broker("container") as broker:
            print(broker.bootstrap_servers, flush=True)
            while True:
                time.sleep(3600)
    except SchemaregError as error:
        print(f"scripts/kafka: {error}", file=sys.stderr)
        return int(error.exit_code)
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
