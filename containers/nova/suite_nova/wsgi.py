"""What a server loads: nova-api's WSGI callable, and what the suite's filter says of itself."""

try:
    # nova 31 has it here; it patches before all else, as far as that nova patches at all.
    from nova.wsgi.osapi_compute import application
except ModuleNotFoundError:
    # nova 26 has a script, which no other module can import, and which does this.
    from nova.api.openstack.wsgi_app import init_application

    application = init_application("osapi_compute")

from suite_nova.admin import facts

__all__ = ["application", "facts"]
