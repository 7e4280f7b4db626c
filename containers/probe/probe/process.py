"""The process: its server, its size, its versions, and what is patched in it."""

from __future__ import annotations

import functools
import glob
import os
import re
import sys
from datetime import datetime, timezone
from importlib import metadata

# Each server's image has a module of this name.
import probe_server

from probe import parts

_DISTRIBUTIONS = (
    "amqp",
    "eventlet",
    "greenlet",
    "kombu",
    "oslo.log",
    "oslo.messaging",
    "oslo.middleware",
    "pika",
    "WebOb",
)


def report(environ: dict) -> dict:
    """The facts by which a test confirms that the deployment is as its row says."""
    return {
        "pid": os.getpid(),
        "server": probe_server.says(environ),
        "processes": probe_server.processes(environ),
        "threads": probe_server.threads(),
        "patched": {"thread", "socket"} <= set(_patched_modules()),
        "patched_modules": _patched_modules(),
        "parts": parts.report(),
        "versions": {**_installed_versions(), **probe_server.versions(environ)},
    }


@functools.lru_cache(maxsize=None)
def _installed_versions() -> dict[str, str | None]:
    return {
        **{name: _distribution_version(name) for name in _DISTRIBUTIONS},
        "Debian": _debian(),
        "newest package": _newest_package(),
        "python": ".".join(map(str, sys.version_info[:3])),
    }


def _distribution_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _debian() -> str | None:
    """The code name of Debian's release."""
    with open("/etc/os-release", encoding="utf-8") as release:
        found = re.search(r"^VERSION_CODENAME=(\w+)$", release.read(), re.M)
    return found and found[1]


def _newest_package() -> str | None:
    """The date of the newest Debian package; testing changes each day.

    dpkg keeps the times that a package's own files had when the package was made.
    """
    made = [os.stat(file).st_mtime for file in glob.iglob("/var/lib/dpkg/info/*.md5sums")]
    return datetime.fromtimestamp(max(made), timezone.utc).date().isoformat() if made else None


# https://eventlet.readthedocs.io/en/latest/patching.html
_PATCHABLE = ("os", "select", "socket", "subprocess", "thread", "time")


def _patched_modules() -> list[str]:
    """The modules of the standard library that are patched now, according to eventlet itself."""
    if "eventlet" not in sys.modules:
        return []
    from eventlet import patcher

    return [name for name in _PATCHABLE if patcher.is_monkey_patched(name)]
