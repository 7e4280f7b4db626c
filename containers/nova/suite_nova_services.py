"""Enters the two services that the database must know: this API, and a compute host.

No compute host runs. The suite's message sink answers the calls to it.
"""

from __future__ import annotations

# First: it patches the standard library.
import nova.monkey_patch
from nova import config, context, objects

SERVICES = [
    ("nova-api", "nova-osapi_compute", None),
    ("compute-0", "nova-compute", "compute"),
]


def main() -> None:
    """Write both services to the database."""
    config.parse_args(["services"])
    objects.register_all()
    admin = context.get_admin_context()
    for host, binary, topic in SERVICES:
        objects.Service(admin, host=host, binary=binary, topic=topic, report_count=0).create()


if __name__ == "__main__":
    main()
