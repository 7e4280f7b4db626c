"""AMQP through oslo.messaging, as nova's RPC clients use it."""

from __future__ import annotations

import oslo_messaging
from oslo_config import cfg

from stub_api import heartbeat_2019

#: The exchange and topic of nova's conductor.
EXCHANGE = "nova"
TOPIC = "conductor"


class Conductor:
    """The stub's client of the conductor's queue."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        if conf.stub.heartbeat_loop == "2019":
            heartbeat_2019.transplant()
        oslo_messaging.set_transport_defaults(EXCHANGE)
        self._transport = oslo_messaging.get_rpc_transport(conf)
        target = oslo_messaging.Target(topic=TOPIC, version="3.0")
        # Debian 11's release has only the class.
        client = getattr(oslo_messaging, "get_rpc_client", oslo_messaging.RPCClient)
        self._client = client(self._transport, target, timeout=conf.stub.call_timeout)

    @property
    def pool_ttl(self) -> int:
        """Seconds that a connection may be idle in the driver's own pool."""
        return self._transport._driver._connection_pool._item_ttl

    def cast(self, request_id: str) -> None:
        """Publish one message that names the request it belongs to."""
        self._client.cast({}, "service_list", request_id=request_id)

    def call(self, request_id: str) -> object:
        """Send one message and wait for its reply."""
        return self._client.call({}, "service_get", request_id=request_id)
