"""The heartbeat loop of oslo.messaging 9.5.0 (Stein, 2019) on today's library.

Transplanted from ``oslo_messaging/_drivers/impl_rabbit.py`` of that release,
Copyright 2011 OpenStack Foundation, Apache License 2.0. Two things differ from
current releases: only ``OperationalError`` leads to a reconnect, so an
``OSError`` ends in the warning; and the warning says "heartbeart".
"""

from __future__ import annotations

import socket

import kombu.exceptions
from oslo_log import log
from oslo_messaging._drivers import impl_rabbit

LOG = log.getLogger(impl_rabbit.__name__)


def _heartbeat_thread_job(self) -> None:
    """Thread that maintains inactive connections."""
    while not self._heartbeat_exit_event.is_set():
        with self._connection_lock.for_heartbeat():
            try:
                try:
                    self._heartbeat_check()
                    try:
                        self.connection.drain_events(timeout=0.001)
                    except socket.timeout:
                        pass
                except kombu.exceptions.OperationalError as exc:
                    LOG.info(
                        "A recoverable connection/channel error "
                        "occurred, trying to reconnect: %s",
                        exc,
                    )
                    self.ensure_connection()
            except Exception:
                LOG.warning(
                    "Unexpected error during heartbeart thread processing, retrying..."
                )
                LOG.debug("Exception", exc_info=True)

        self._heartbeat_exit_event.wait(timeout=self._heartbeat_wait_timeout)
    self._heartbeat_exit_event.clear()


def transplant() -> None:
    """Replace the loop in the installed library."""
    impl_rabbit.Connection._heartbeat_thread_job = _heartbeat_thread_job
