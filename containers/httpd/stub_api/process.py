"""What the process that serves a request says about itself."""

from __future__ import annotations

import gc
import os
import re
import sys
from importlib import metadata

from stub_api import concurrency, messaging

_DISTRIBUTIONS = (
    "amqp",
    "eventlet",
    "greenlet",
    "kombu",
    "oslo.log",
    "oslo.messaging",
    "oslo.middleware",
    "WebOb",
)


def _distribution_version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _debian() -> str | None:
    """Debian's release, by its name."""
    with open("/etc/os-release", encoding="utf-8") as release:
        found = re.search(r"^VERSION_CODENAME=(\w+)$", release.read(), re.M)
    return found and found[1]


def _package_version(name: str) -> str | None:
    """The version of a Debian package, as dpkg has it installed."""
    with open("/var/lib/dpkg/status", encoding="utf-8") as status:
        found = re.search(rf"^Package: {name}\n(?:.+\n)*?Version: (.+)$", status.read(), re.M)
    return found and found[1]


def _server(environ: dict) -> str | None:
    """What called the application: ``mod_wsgi`` or ``uwsgi``."""
    return next((key.split(".")[0] for key in environ if key in ("mod_wsgi.version", "uwsgi.version")), None)


def _versions(environ: dict) -> dict[str, str | None]:
    versions = {name: _distribution_version(name) for name in _DISTRIBUTIONS}
    versions["Debian"] = _debian()
    versions["python"] = ".".join(map(str, sys.version_info[:3]))
    if "mod_wsgi.version" in environ:
        versions["Apache"] = _package_version("apache2-bin")
        versions["mod_wsgi"] = ".".join(map(str, environ["mod_wsgi.version"]))
    if "uwsgi.version" in environ:
        versions["uWSGI"] = environ["uwsgi.version"].decode()
    return versions


def _mpm() -> str | None:
    """The MPM whose module is mapped into this very process; daemons have it too."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        found = re.search(r"/mod_mpm_(\w+)\.so", maps.read())
    return found and found[1]


def _threads() -> int | None:
    """Threads that serve requests in this process, as mod_wsgi or uWSGI knows them."""
    try:
        import mod_wsgi
    except ImportError:
        return _uwsgi_option("threads")
    return mod_wsgi.threads_per_process


def _uwsgi_option(name: str) -> int | None:
    """A number of uWSGI's configuration; 1 where it is not set; None without uWSGI."""
    try:
        import uwsgi
    except ImportError:
        return None
    return int(uwsgi.opt.get(name, 1))


def _processes(environ: dict) -> int | None:
    """Processes that serve the application.

    mod_wsgi knows how many daemons it has, uWSGI how many workers. Of an MPM it knows only how many are
    there at the moment, so those are counted: the same parent and program.
    """
    if environ.get("mod_wsgi.process_group"):
        import mod_wsgi

        return mod_wsgi.maximum_processes
    if _server(environ) == "uwsgi":
        return _uwsgi_option("processes")
    own = _parent_and_program("self")
    return sum(
        _parent_and_program(entry) == own for entry in os.listdir("/proc") if entry.isdigit()
    )


def _parent_and_program(pid: str) -> tuple[str, str] | None:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            before, after = stat.read().rsplit(")", 1)
    except OSError:
        return None
    return after.split()[1], before.split("(", 1)[1]


def _hubs() -> int:
    """eventlet hubs alive in this process, one for each thread that yielded."""
    if not concurrency.PATCHED:
        return 0
    from eventlet.hubs.hub import BaseHub

    return sum(isinstance(thing, BaseHub) for thing in gc.get_objects())


def _is_patched() -> bool:
    """Whether the standard library is patched now, asked of eventlet itself."""
    if "eventlet" not in sys.modules:
        return False
    from eventlet import patcher

    return patcher.is_monkey_patched("thread") and patcher.is_monkey_patched("socket")


def served_by() -> str:
    """``pid/thread/threads that owed a heartbeat when the request came``."""
    owners = ",".join(map(str, messaging.heartbeat_owners()))
    return f"{os.getpid()}/{concurrency.native_thread_id()}/{owners}"


def report(environ: dict) -> dict:
    """The page that a test asks before it believes the deployment."""
    return {
        "pid": os.getpid(),
        "thread": concurrency.native_thread_id(),
        "server": _server(environ),
        "mpm": _mpm(),
        "processes": _processes(environ),
        "threads": _threads(),
        "patched": _is_patched(),
        "hubs": _hubs(),
        "heartbeat_owners": messaging.heartbeat_owners(),
        "versions": _versions(environ),
    }
