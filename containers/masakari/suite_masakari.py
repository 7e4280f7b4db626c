"""What a server loads: masakari-api's WSGI callable, and what the suite's filter says of itself.

Debian's ``/usr/bin/masakari-wsgi``, which nothing can import, does the same; so does
``masakari.wsgi.api``, which is there since masakari 20. masakari.cmd patches before all else.
"""

from masakari.cmd.api import initialize_application
from suite_openstack.admin import facts

application = initialize_application()

__all__ = ["application", "facts"]
