"""What oslo.messaging 9.5.0 (Stein, 2019) does to keep a connection alive.

Rewritten after that release's behaviour, and compared with the real one. It differs from
today's loop when the broker has gone. Only kombu's ``OperationalError`` and ``socket.timeout``
lead to a reconnect. Any other error, such as the ``OSError`` of a closed socket, leads to a
warning, misspelt "heartbeart". The connection then stays dead until a request reconnects it.
The loop beats twice in a heartbeat's time (``heartbeat_rate`` 2).
"""

from __future__ import annotations

import contextlib
import socket

import kombu.exceptions
from oslo_config import cfg
from oslo_log import log
from oslo_messaging._drivers import impl_rabbit

#: ``heartbeat_rate``'s default in that release.
RATE = 2
#: How long a beat waits for frames from the broker, seconds.
LISTENS = 0.001

_RECONNECTS = (kombu.exceptions.OperationalError, socket.timeout)
LOG = log.getLogger(impl_rabbit.__name__)


def _beat_and_listen(connection: impl_rabbit.Connection) -> None:
    connection._heartbeat_check()
    with contextlib.suppress(socket.timeout):
        connection.connection.drain_events(timeout=LISTENS)


def _beat(connection: impl_rabbit.Connection) -> None:
    try:
        _beat_and_listen(connection)
    except _RECONNECTS as lost:
        LOG.info("A recoverable connection/channel error occurred, trying to reconnect: %s", lost)
        connection.ensure_connection()


def _beat_until_stopped(connection: impl_rabbit.Connection) -> None:
    stopped = connection._heartbeat_exit_event
    while not stopped.is_set():
        with connection._connection_lock.for_heartbeat():
            try:
                _beat(connection)
            except Exception:
                LOG.warning("Unexpected error during heartbeart thread processing, retrying...")
                LOG.debug("Exception", exc_info=True)
        stopped.wait(timeout=connection._heartbeat_wait_timeout)
    stopped.clear()


def transplant() -> None:
    """Replace the installed library's loop and default rate by these."""
    cfg.set_defaults(impl_rabbit.rabbit_opts, heartbeat_rate=RATE)
    impl_rabbit.Connection._heartbeat_thread_job = _beat_until_stopped
