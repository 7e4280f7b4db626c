"""A paste filter in the place of Keystone's two: everybody is the administrator.

keystonemiddleware asks memcached or Keystone for the token of a request, and its
thread yields meanwhile. ``wait`` in nova.conf's section ``suite`` is that time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import nova.conf
from nova import context
from oslo_config import cfg

CONF = nova.conf.CONF
CONF.register_opts(
    [cfg.FloatOpt("wait", default=0, min=0, help="Seconds that a request yields for.")],
    group="suite",
)

PROJECT = "5d6e2b0c9f3a4f1e8c7d6b5a49382716"


class Admin:
    """Puts a context into the WSGI environment where nova looks for it."""

    def __init__(self, application: Callable) -> None:
        self._application = application

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if CONF.suite.wait:
            time.sleep(CONF.suite.wait)
        # the ids that nova's own middleware has found are in there
        environ["nova.context"] = context.RequestContext.from_environ(
            environ,
            user_id="suite",
            project_id=PROJECT,
            roles=["admin", "member", "reader"],
            is_admin=True,
        )
        return self._application(environ, start_response)


def filter_factory(global_conf: dict, **local_conf: str) -> Callable:
    """As paste asks for a filter."""
    return Admin


def facts() -> dict:
    """What a request meets in this process, in seconds."""
    return {"wait": CONF.suite.wait}
