"""nova-api's WSGI callable for a server, and the facts of the suite's filter.

nova patches the standard library before it imports anything else. So this module first
imports only what nova's own entry point imports first.
"""

from importlib.util import find_spec

_wsgi = find_spec("nova.wsgi")
if _wsgi and _wsgi.submodule_search_locations:
    # A package since nova 31; before that a module with another purpose.
    from nova.wsgi.osapi_compute import application
else:
    # nova 26 has a script that does this, and that cannot be imported.
    from nova.api.openstack.wsgi_app import init_application

    application = init_application("osapi_compute")

# Only after nova has patched.
from suite_openstack.admin import facts

__all__ = ["application", "facts"]
