"""What Apache and mod_wsgi say of themselves in the process that serves a request."""

from __future__ import annotations

import functools
import os
import re


def says(environ: dict) -> dict:
    """The server's name, and its options as they are in this process."""
    return {"server": "mod_wsgi" if "mod_wsgi.version" in environ else None, "mpm": _mpm()}


def versions(environ: dict) -> dict[str, str | None]:
    return {
        "Apache": _package_version("apache2-bin"),
        "mod_wsgi": ".".join(map(str, environ["mod_wsgi.version"])),
    }


def threads() -> int:
    """Threads that serve requests in this process."""
    import mod_wsgi

    return mod_wsgi.threads_per_process


def processes(environ: dict) -> int:
    """Processes that serve the application.

    mod_wsgi knows how many daemons it has. Of an MPM it knows only how many are there at the moment, so
    those are counted: the same parent and program.
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
    """The MPM whose module is mapped into this very process; daemons have it too."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        found = re.search(r"/mod_mpm_(\w+)\.so", maps.read())
    return found and found[1]


@functools.lru_cache(maxsize=None)
def _package_version(name: str) -> str | None:
    """The version of a Debian package, as dpkg has it installed."""
    with open("/var/lib/dpkg/status", encoding="utf-8") as status:
        found = re.search(rf"^Package: {name}\n(?:.+\n)*?Version: (.+)$", status.read(), re.M)
    return found and found[1]


def _parent_and_program(pid: str) -> tuple[str, str] | None:
    """Not by the name in ``stat``: from 3.14 on Python gives a thread's name to it, a green one's as well."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            parent = stat.read().rsplit(")", 1)[1].split()[1]
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as program:
            return parent, program.read()
    except OSError:
        return None
