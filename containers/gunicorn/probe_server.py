"""Facts about gunicorn, from the worker that serves a request."""

from __future__ import annotations

#: gunicorn's own object for this process.
_worker = None


def post_fork(server: object, worker: object) -> None:
    """gunicorn calls this in each new worker, because its configuration names it."""
    global _worker
    _worker = worker


def says(environ: dict) -> dict:
    """The server's name, and its options in this worker."""
    package, _, module = type(_worker).__module__.rpartition(".")
    return {
        "server": "gunicorn" if environ["SERVER_SOFTWARE"].startswith("gunicorn/") else None,
        "worker_class": module if package == "gunicorn.workers" else None,
    }


def versions(environ: dict) -> dict[str, str | None]:
    """gunicorn's version."""
    return {"gunicorn": environ["SERVER_SOFTWARE"].partition("/")[2]}


def threads() -> int:
    """The number of threads that serve requests in this worker."""
    return _worker.cfg.threads


def processes(environ: dict) -> int:
    """The number of workers."""
    return _worker.cfg.workers
