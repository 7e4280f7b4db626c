"""Facts about uWSGI, from the worker that serves a request."""

from __future__ import annotations

import uwsgi


def says(environ: dict) -> dict:
    """The server's name, and its options in this worker."""
    return {
        "server": "uwsgi" if "uwsgi.version" in environ else None,
        "enable_threads": _is_set("enable-threads"),
        "lazy_apps": _is_set("lazy-apps"),
        "router": next((name for name in ("http", "http-socket") if name in uwsgi.opt), None),
    }


def versions(environ: dict) -> dict[str, str | None]:
    """uWSGI's version."""
    return {"uWSGI": environ["uwsgi.version"].decode()}


def threads() -> int:
    """The number of threads that serve requests in this worker."""
    return int(uwsgi.opt.get("threads", 1))


def processes(environ: dict) -> int:
    """The number of workers."""
    return int(uwsgi.opt.get("processes", 1))


def _is_set(name: str) -> bool:
    return uwsgi.opt.get(name, b"false") in (True, b"true", b"1")
