"""A paste filter in place of Keystone's: every caller is the administrator.

keystonemiddleware asks memcached or Keystone for the token of a request, and the request's
thread yields meanwhile. The option ``wait`` in section ``suite`` is that time.
"""

from __future__ import annotations

import configparser
import importlib
import time
from collections.abc import Callable, Iterable

from oslo_config import cfg

CONF = cfg.CONF
CONF.register_opts(
    [cfg.FloatOpt("wait", default=0, min=0, help="Seconds that a request yields for.")],
    group="suite",
)

PROJECT = "5d6e2b0c9f3a4f1e8c7d6b5a49382716"


def filter_factory(global_conf: dict, service: str, context: str) -> Callable:
    """Make the filter, with the arguments that paste gives.

    ``context`` is the class of the service's contexts, ``module:class``.
    """
    module, name = context.split(":")
    make = getattr(importlib.import_module(module), name)

    def admin(application: Callable) -> Callable:
        def with_context(environ: dict, start_response: Callable) -> Iterable[bytes]:
            if CONF.suite.wait:
                time.sleep(CONF.suite.wait)
            # The service looks for its context here. ``environ`` has the ids that its middleware has found.
            environ[f"{service}.context"] = make.from_environ(
                environ,
                user_id="suite",
                project_id=PROJECT,
                roles=["admin", "member", "reader"],
                is_admin=True,
            )
            return application(environ, start_response)

        return with_context

    return admin


def facts() -> dict:
    """The time that a request waits here, in seconds, and the heartbeat option as it was written.

    The option is read from the file, because oslo.messaging may not know it.
    """
    files = configparser.ConfigParser(interpolation=None, strict=False)
    files.read(CONF.config_file)
    return {
        "wait": CONF.suite.wait,
        "heartbeat_in_pthread": files.get(
            "oslo_messaging_rabbit", "heartbeat_in_pthread", fallback=None
        ),
    }
