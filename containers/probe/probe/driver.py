"""oslo.messaging's RabbitMQ driver, watched from outside.

Nothing of it is replaced: two methods are wrapped, which note the thread and go
on. Without oslo.messaging there is nothing to watch, and nothing to report: then the
application says of its connections itself, in the form of ``report``.
"""

from __future__ import annotations

import functools
import importlib.util
import sys
import weakref
from collections.abc import Callable

from probe import native


class Heartbeat:
    """The heartbeat of one connection of the driver."""

    def __init__(self, connection: object, started_on: int) -> None:
        self.connection = weakref.ref(connection)
        #: The native thread that started it; a green one belongs to its hub for good.
        self.started_on = started_on
        #: The native thread on which its loop runs; None until it does.
        self.runs_on: int | None = None


#: In the order in which they were started. Native threads append to it and read it
#: side by side, each in one step of the interpreter: it is never iterated in place.
_heartbeats: list[Heartbeat] = []

#: Where the loop came from when the watch began: module and name.
_loop: str | None = None


def watch() -> None:
    """Begin to note heartbeats, where the driver is installed."""
    global _loop
    if importlib.util.find_spec("oslo_messaging") is None:
        return
    from oslo_messaging._drivers import impl_rabbit

    connection = impl_rabbit.Connection
    loop = connection._heartbeat_thread_job
    _loop = f"{loop.__module__}.{loop.__qualname__}"
    connection._heartbeat_start = _noting_start(connection._heartbeat_start)
    connection._heartbeat_thread_job = _noting_loop(loop)


def _noting_start(start: Callable) -> Callable:
    @functools.wraps(start)
    def noted(connection: object) -> None:
        _heartbeats.append(Heartbeat(connection, native.thread_id()))
        start(connection)

    return noted


def _noting_loop(loop: Callable) -> Callable:
    @functools.wraps(loop)
    def noted(connection: object) -> None:
        for heartbeat in list(_heartbeats):
            if heartbeat.connection() is connection:
                heartbeat.runs_on = native.thread_id()
        loop(connection)

    return noted


def _alive() -> list[tuple[Heartbeat, object]]:
    return [
        (heartbeat, connection)
        for heartbeat in list(_heartbeats)
        if (connection := heartbeat.connection()) is not None
        # one that was closed has none any more, and is there until the collector comes
        and connection._heartbeat_thread is not None
    ]


def heartbeat_owners() -> set[int]:
    """Native threads on which a heartbeat was started: the hubs that owe a green one."""
    return {heartbeat.started_on for heartbeat, _ in _alive()}


def report() -> list[dict]:
    """Each connection that has a heartbeat, by the driver's own word."""
    return [
        {
            "heartbeat_timeout_threshold": connection.heartbeat_timeout_threshold,
            "heartbeat_rate": connection.heartbeat_rate,
            "heartbeat_thread": _kind(connection._heartbeat_thread),
            "loop": _loop,
            "started_on": heartbeat.started_on,
            "runs_on": heartbeat.runs_on,
            "option": hasattr(connection, "heartbeat_in_pthread"),
        }
        for heartbeat, connection in _alive()
    ]


def _kind(thread: object) -> str | None:
    """``green`` or ``native``, by the thread's class; None where there is no thread."""
    if thread is None:
        return None
    # Where it is patched, the class of native threads is the one that eventlet keeps.
    if "eventlet" in sys.modules:
        from eventlet import patcher

        if patcher.is_monkey_patched("thread"):
            return "native" if isinstance(thread, patcher.original("threading").Thread) else "green"
    return "native"
