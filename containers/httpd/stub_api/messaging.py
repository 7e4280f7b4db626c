"""AMQP through oslo.messaging, as nova's RPC clients use it."""

from __future__ import annotations

import weakref

import oslo_messaging
from oslo_config import cfg
from oslo_messaging._drivers import impl_rabbit

from stub_api import concurrency, heartbeat_2019

#: The exchange and topic of nova's conductor.
EXCHANGE = "nova"
TOPIC = "conductor"

#: Connection -> native thread that started its heartbeat, in this process.
_heartbeat_owners: "weakref.WeakKeyDictionary[object, int]" = weakref.WeakKeyDictionary()


def _note_heartbeat_owners() -> None:
    """Remember on which native thread each heartbeat was started.

    A green heartbeat belongs to the hub of that thread for good. The driver's
    own method does all the work.
    """
    start = impl_rabbit.Connection._heartbeat_start

    def noted_start(self) -> None:
        _heartbeat_owners[self] = concurrency.native_thread_id()
        start(self)

    impl_rabbit.Connection._heartbeat_start = noted_start


def heartbeat_owners() -> list[int]:
    """Native threads whose hubs owe a heartbeat (green heartbeats only)."""
    return sorted(set(_heartbeat_owners.values()))


class Conductor:
    """The stub's side of the queue."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        _note_heartbeat_owners()
        if conf.stub.heartbeat_loop == "2019":
            heartbeat_2019.transplant()
        oslo_messaging.set_transport_defaults(EXCHANGE)
        transport = oslo_messaging.get_rpc_transport(conf)
        target = oslo_messaging.Target(topic=TOPIC, version="3.0")
        # Debian 11's release has the class only.
        client = getattr(oslo_messaging, "get_rpc_client", oslo_messaging.RPCClient)
        self._client = client(transport, target, timeout=conf.stub.call_timeout)

    def cast(self, request_id: str) -> None:
        """Publish one message that names the request it belongs to."""
        self._client.cast({}, "service_list", request_id=request_id)

    def call(self, request_id: str) -> object:
        """Send one message and wait for its reply."""
        return self._client.call({}, "service_get", request_id=request_id)
