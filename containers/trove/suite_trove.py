"""What a server loads: trove-api's WSGI callable, and what the suite's filter says of itself.

trove.cmd patches before all else.
"""

from trove.cmd.app_wsgi import application

from suite_openstack.admin import facts  # isort:skip  after trove has patched

__all__ = ["application", "facts"]
