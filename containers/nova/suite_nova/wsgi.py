"""What a server loads: nova-api's WSGI callable, and what the suite's filter says of itself.

nova patches before all else, in its own order, as far as it patches at all; so nothing of it
is imported here but what its own entry point imports first.
"""

from importlib.util import find_spec

_wsgi = find_spec("nova.wsgi")
if _wsgi and _wsgi.submodule_search_locations:
    # a package since nova 31; it was a module with another purpose before
    from nova.wsgi.osapi_compute import application
else:
    # nova 26 has a script, which nothing can import, and which does this
    from nova.api.openstack.wsgi_app import init_application

    application = init_application("osapi_compute")

from suite_openstack.admin import facts  # noqa: E402  isort:skip  after nova has patched

__all__ = ["application", "facts"]
