"""The middleware: it answers its own routes, and adds to every answer which thread gave it."""

from __future__ import annotations

import json
import os
import time
import urllib.parse
from collections.abc import Callable, Iterable
from wsgiref.util import setup_testing_defaults

from probe import driver, logs, native, process

#: No request of the suite occupies a thread for longer, in seconds.
LONGEST_HOLD = 5.0


class Probe:
    """Wraps any WSGI application."""

    def __init__(
        self,
        application: Callable,
        facts: Callable[[], dict],
        connections: Callable[[], list[dict]],
    ) -> None:
        self._application = application
        self._facts = facts
        self._connections = connections
        self._routes = {"/probe/marker": self._marker, "/probe/yield": self._yield}
        #: The request that writes the marker, by the marker's token: the first that asks for it.
        self._claims: dict[str, object] = {}
        self._reports: dict[str, dict] = {}
        #: The path to request once, before the first report.
        self._first_request = os.environ.get("PROBE_FIRST_REQUEST")
        driver.watch()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        served_by = ("X-Served-By", f"{os.getpid()}/{native.thread_id()}/{self._owners()}")
        route = self._routes.get(environ.get("PATH_INFO", ""))
        if route:
            body = json.dumps(route(environ)).encode()
            start_response(
                "200 OK",
                [
                    ("Content-Type", "application/json"),
                    ("Content-Length", str(len(body))),
                    served_by,
                ],
            )
            return [body]

        def start(status: str, headers: list, *exc_info: object) -> Callable:
            return start_response(status, [*headers, served_by], *exc_info)

        return self._application(environ, start)

    def _marker(self, environ: dict) -> dict | None:
        """Write a marker to both logs, report, and occupy the native thread.

        ``token`` is part of the marker. ``seconds`` is how long the thread is occupied, so that
        different processes serve requests that arrive together.

        Only one request of a process writes and reports. The others occupy their threads and
        answer with the same report, or with None if there is none yet. Otherwise patched native
        threads that meet at a lock of logging might wait for each other for ever.
        """
        self._ask_once()
        asked = urllib.parse.parse_qs(environ.get("QUERY_STRING", ""))
        token = asked["token"][0]
        claim = object()
        if self._claims.setdefault(token, claim) is claim:
            try:
                self._reports[token] = self._report(token, environ)
            except Exception:
                # The next request tries again, and fails with the same error.
                del self._claims[token]
                raise
        native.sleep(min(float(asked.get("seconds", ["0"])[0]), LONGEST_HOLD))
        return self._reports.get(token)

    def _report(self, token: str, environ: dict) -> dict:
        """Write the marker to both logs, and report what this process is."""
        marker = f"marker {token} of process {os.getpid()}"
        logs.heartbeat_logger().info(marker)
        environ["wsgi.errors"].write(f"{marker}\n")
        environ["wsgi.errors"].flush()
        return {
            **process.report(environ),
            "logging": logs.report(),
            "connections": [*driver.report(), *self._connections()],
            "application": self._facts(),
        }

    def _ask_once(self) -> None:
        """Send the application its first request, at which it may build routes and pools.

        This happens once, however many requests arrive together: under eventlet, two native
        threads that build the same thing may wait for each other for ever.
        """
        path, self._first_request = self._first_request, None
        if not path:
            return
        environ = {"SCRIPT_NAME": "", "PATH_INFO": path}
        setup_testing_defaults(environ)
        statuses = []
        for _ in self._application(environ, lambda status, *_: statuses.append(status)):
            pass
        if not statuses or not statuses[0].startswith("200 "):
            # A process whose first request fails gives no report.
            self._first_request = path
            raise RuntimeError(f"the first request, {path}, ended with {statuses}")

    def _yield(self, environ: dict) -> dict:
        """Yield to the hub, and publish nothing."""
        time.sleep(0.01)
        return {}

    def _owners(self) -> str:
        """Native threads on which a heartbeat was started, by the driver and by the application."""
        own = {connection.get("started_on") for connection in self._connections()}
        return ",".join(map(str, sorted(driver.heartbeat_owners() | own - {None})))
