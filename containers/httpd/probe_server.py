"""Facts about Apache and mod_wsgi, from the process that serves a request."""

from __future__ import annotations

import functools
import os
import re


def says(environ: dict) -> dict:
    """The server's name, and its options in this process."""
    return {
        "server": "mod_wsgi" if "mod_wsgi.version" in environ else None,
        "mpm": _mpm(),
        # A daemon has a process group, and a process of the MPM has none.
        "wsgi": "daemon" if environ.get("mod_wsgi.process_group") else "embedded",
    }


def versions(environ: dict) -> dict[str, str | None]:
    """The versions of Apache and mod_wsgi."""
    return {
        "Apache": _package_version("apache2-bin"),
        "mod_wsgi": ".".join(map(str, environ["mod_wsgi.version"])),
    }


def threads() -> int:
    """The number of threads that serve requests in this process."""
    import mod_wsgi

    return mod_wsgi.threads_per_process


def processes(environ: dict) -> int:
    """The number of processes that serve the application.

    mod_wsgi knows how many daemons it has, but not how many processes an MPM has. Those are
    counted: they have the same parent and program as this one.
    """
    if environ.get("mod_wsgi.process_group"):
        import mod_wsgi

        return mod_wsgi.maximum_processes
    own = _parent_and_program("self")
    return sum(
        _parent_and_program(entry) == own for entry in os.listdir("/proc") if entry.isdigit()
    )


@functools.lru_cache(maxsize=None)
def _mpm() -> str | None:
    """The MPM whose module is mapped into this process; daemons have it too."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        found = re.search(r"/mod_mpm_(\w+)\.so", maps.read())
    return found and found[1]


@functools.lru_cache(maxsize=None)
def _package_version(name: str) -> str | None:
    """The installed version of a Debian package."""
    with open("/var/lib/dpkg/status", encoding="utf-8") as status:
        found = re.search(rf"^Package: {name}\n(?:.+\n)*?Version: (.+)$", status.read(), re.M)
    return found and found[1]


def _parent_and_program(pid: str) -> tuple[str, str] | None:
    """A process's parent and command line.

    The name in ``stat`` is of no use: since 3.14 Python puts the name of a thread or greenlet there.
    """
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            parent = stat.read().rsplit(")", 1)[1].split()[1]
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as program:
            return parent, program.read()
    except OSError:
        return None
