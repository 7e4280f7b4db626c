"""The heartbeat's logger and its handlers."""

from __future__ import annotations

import logging
import os


def heartbeat_logger() -> logging.Logger:
    """The logger that the heartbeat uses; ``PROBE_LOGGER`` has its name."""
    return logging.getLogger(os.environ["PROBE_LOGGER"])


def report() -> dict:
    """The lowest level that it prints, and each handler that prints.

    ``formatter`` and ``lock`` are classes with their modules. While one thread prints, other
    threads wait for the lock. oslo.log may have replaced it by a lock on a pipe, which native
    threads can share with greenlets.
    """
    logger = heartbeat_logger()
    handlers = []
    at: logging.Logger | None = logger
    while at:
        handlers += at.handlers
        at = at.parent if at.propagate else None
    return {
        "level": logging.getLevelName(logger.getEffectiveLevel()),
        "handlers": [
            {"formatter": _class(handler.formatter), "lock": _class(handler.lock)}
            for handler in handlers
        ],
    }


def _class(thing: object) -> str | None:
    """Module and name of an object's class."""
    return thing and f"{type(thing).__module__}.{type(thing).__qualname__}"
