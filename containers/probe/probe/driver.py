"""oslo.messaging's RabbitMQ driver, watched from outside.

Nothing in it is replaced: two methods are wrapped to note the thread. Without oslo.messaging
this module reports nothing. Then the application reports its connections itself, in the form
of ``report``.
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
        #: The native thread that started it. A greenlet stays with that thread's hub.
        self.started_on = started_on
        #: The native thread on which its loop runs; None until it does.
        self.runs_on: int | None = None


#: In the order in which they were started. Native threads append and read at the same time,
#: each in one step of the interpreter, so the list is never iterated in place.
_heartbeats: list[Heartbeat] = []

#: Module and name of the heartbeat's loop when the watch began.
_loop: str | None = None


def watch() -> None:
    """Begin to note heartbeats if the driver is installed."""
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
    """Wrap the method that starts a heartbeat."""
    @functools.wraps(start)
    def noted(connection: object) -> None:
        _heartbeats.append(Heartbeat(connection, native.thread_id()))
        start(connection)

    return noted


def _noting_loop(loop: Callable) -> Callable:
    """Wrap the heartbeat's loop."""
    @functools.wraps(loop)
    def noted(connection: object) -> None:
        for heartbeat in list(_heartbeats):
            if heartbeat.connection() is connection:
                heartbeat.runs_on = native.thread_id()
        loop(connection)

    return noted


def _alive() -> list[tuple[Heartbeat, object]]:
    """Heartbeats of open connections, with their connections."""
    return [
        (heartbeat, connection)
        for heartbeat in list(_heartbeats)
        if (connection := heartbeat.connection()) is not None
        # A closed connection has no thread, and exists until it is garbage-collected.
        and connection._heartbeat_thread is not None
    ]


def heartbeat_owners() -> set[int]:
    """Native threads on which a heartbeat was started: a green heartbeat runs only on their hubs."""
    return {heartbeat.started_on for heartbeat, _ in _alive()}


def report() -> list[dict]:
    """Each connection that has a heartbeat, as the driver's own object describes it."""
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
    """``green`` or ``native``, by the thread's class; None without a thread."""
    if thread is None:
        return None
    # In a patched process, eventlet keeps the class of native threads.
    if "eventlet" in sys.modules:
        from eventlet import patcher

        if patcher.is_monkey_patched("thread"):
            return "native" if isinstance(thread, patcher.original("threading").Thread) else "green"
    return "native"
