"""trove-api's WSGI callable for a server, and the facts of the suite's filter."""

# First: trove.cmd patches the standard library.
from trove.cmd.app_wsgi import application

from suite_openstack.admin import facts

__all__ = ["application", "facts"]
