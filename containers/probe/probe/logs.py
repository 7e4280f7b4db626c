"""The logger through which a heartbeat speaks, and what stands behind it."""

from __future__ import annotations

import logging
import os


def heartbeat_logger() -> logging.Logger:
    """The logger of the code that beats, by the name in ``PROBE_LOGGER``."""
    return logging.getLogger(os.environ["PROBE_LOGGER"])


def report() -> dict:
    """The level from which on it prints, and each handler that would.

    ``formatter`` and ``lock`` are classes with their modules. The lock is what a
    second thread waits for: oslo.log may have put one on a pipe in its place,
    which native threads can share with greenlets.
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
    return thing and f"{type(thing).__module__}.{type(thing).__qualname__}"
