"""masakari-api's WSGI callable for a server, and the facts of the suite's filter.

Debian's ``/usr/bin/masakari-wsgi`` does the same, but cannot be imported. A module that does
the same, ``masakari.wsgi.api``, exists from masakari 20 on.
"""

# First: masakari.cmd patches the standard library.
from masakari.cmd.api import initialize_application

from suite_openstack.admin import facts

application = initialize_application()

__all__ = ["application", "facts"]
