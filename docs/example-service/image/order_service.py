"""Takes orders by HTTP and passes each on by AMQP: kombu under eventlet, and a heartbeat thread of its own."""

from __future__ import annotations

import os
from _thread import get_native_id  # before anything is patched

if os.environ["ORDERS_EVENTLET"] == "1":
    import eventlet

    eventlet.monkey_patch()

import contextlib
import json
import logging
import socket
import threading
import time

import amqp
import kombu

logging.basicConfig(
    filename="/var/log/orders/orders.log",
    level=logging.INFO,
    format="%(asctime)s [%(process)d] %(levelname)s %(name)s: %(message)s",
    force=True,
)
LOG = logging.getLogger("orders.broker")
HEARTBEAT = int(os.environ["ORDERS_HEARTBEAT"])
EXCHANGE = kombu.Exchange("orders", type="direct", durable=True)
LOST = amqp.Connection.connection_errors


class Broker:
    """The one connection of this process; its first order opens it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.connection: kombu.Connection | None = None
        self.started_on: int | None = None
        self.beats_on: int | None = None

    def publish(self, order: dict, request_id: str | None) -> None:
        """Publish an order, over a new connection where the old one is lost."""
        with self._lock:
            try:
                self._publish(order, request_id)
            except LOST as lost:
                LOG.error("the broker is unreachable: %s; connecting again", lost)
                self._drop()
                self._publish(order, request_id)

    def _publish(self, order: dict, request_id: str | None) -> None:
        if self.connection is None:
            self._connect()
        headers = {"request_id": request_id}
        producer = self.connection.Producer(exchange=EXCHANGE)
        producer.publish(order, routing_key="placed", declare=[EXCHANGE], headers=headers)

    def _connect(self) -> None:
        name = f"order-service:{os.getpid()}"
        self.connection = kombu.Connection(
            os.environ["ORDERS_BROKER"],
            heartbeat=HEARTBEAT,
            # Without confirms, what is written to a dead connection is lost, and nobody notices.
            transport_options={"confirm_publish": True, "client_properties": {"connection_name": name}},
        )
        self.connection.connect()
        self.started_on, self.beats_on = get_native_id(), None
        threading.Thread(target=self._beat, args=[self.connection], daemon=True).start()

    def _drop(self) -> None:
        lost, self.connection = self.connection, None
        if lost is not None:
            lost.release()

    def _beat(self, connection: kombu.Connection) -> None:
        """Send heartbeats, and read the broker's, until the connection is another one."""
        self.beats_on = get_native_id()
        while True:
            time.sleep(HEARTBEAT / 4)
            if not self._lock.acquire(blocking=False):
                continue  # an order is on its way
            try:
                if self.connection is not connection:
                    return
                connection.heartbeat_check()
                with contextlib.suppress(socket.timeout):
                    connection.drain_events(timeout=0)
            except LOST as lost:
                LOG.warning("lost the broker: %s", lost)
                self._drop()
            finally:
                self._lock.release()


BROKER = Broker()


def application(environ: dict, start_response) -> list[bytes]:
    """``POST /orders`` takes an order; anything else says what this is."""
    answer: dict = {"service": "orders"}
    if environ["PATH_INFO"] == "/orders":
        order = json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
        time.sleep(0.01)  # its database
        BROKER.publish(order, environ.get("HTTP_X_REQUEST_ID"))
        answer = {"accepted": order}
    start_response("200 OK", [("Content-Type", "application/json")])
    return [json.dumps(answer).encode()]


def connections() -> list[dict]:
    """What the suite asks: this process's connections, and the threads on which their heartbeats were started and run."""
    connection = BROKER.connection
    if connection is None or not connection.connected:
        return []
    return [
        {
            "heartbeat_timeout_threshold": connection.get_heartbeat_interval(),
            "heartbeat_thread": "green" if os.environ["ORDERS_EVENTLET"] == "1" else "native",
            "started_on": BROKER.started_on,
            "runs_on": BROKER.beats_on,
        }
    ]
