"""Enters the two services that the database must know: this API, and a compute host.

The suite's conductor answers for the compute host; nothing runs there.
"""

from __future__ import annotations

import nova.monkey_patch  # noqa: F401  isort:skip  patches before all else
from nova import config, context, objects

SERVICES = [
    ("nova-api", "nova-osapi_compute", None),
    ("compute-0", "nova-compute", "compute"),
]


def main() -> None:
    config.parse_args(["services"], default_config_files=["/etc/nova/common.conf"])
    objects.register_all()
    admin = context.get_admin_context()
    for host, binary, topic in SERVICES:
        objects.Service(admin, host=host, binary=binary, topic=topic, report_count=0).create()


if __name__ == "__main__":
    main()
