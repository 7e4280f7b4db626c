"""Ryuk's protocol: remove what carries a label once nobody holds a connection.

A client connects to port 8080, sends ``label=KEY=VALUE`` lines, each answered
with ``ACK``, and keeps the connection. When the last one has ended and none
came back within ``RYUK_RECONNECTION_TIMEOUT``, containers, networks and volumes
with one of the labels are removed and the reaper ends.
"""

from __future__ import annotations

import http.client
import json
import os
import socket
import threading
import time
import urllib.parse

SOCKET = "/var/run/docker.sock"
TRIES = 10
ANSWER_LIMIT_S = 30


class Engine(http.client.HTTPConnection):
    """The engine's API on its Unix socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ANSWER_LIMIT_S)
        self.sock.connect(SOCKET)


def ask(method: str, path: str) -> tuple[int, object]:
    """One request to the engine: status and decoded body."""
    engine = Engine("engine")
    try:
        engine.request(method, path)
        response = engine.getresponse()
        body = response.read()
        return response.status, json.loads(body) if body else None
    finally:
        engine.close()


def with_label(label: str, path: str) -> object:
    """What the engine lists under ``path`` that carries the label; an error is an ``OSError``."""
    filters = urllib.parse.quote(json.dumps({"label": [label]}))
    status, listed = ask("GET", f"{path}?all=true&filters={filters}")
    if status != http.client.OK:
        raise OSError(f"{path}: the engine answers {status}, {listed}")
    return listed


def prune(label: str) -> int:
    """Remove what carries the label; the number of things that are still there."""
    for container in with_label(label, "/containers/json"):
        ask("DELETE", f"/containers/{container['Id']}?force=true&v=true")
    for network in with_label(label, "/networks"):
        ask("DELETE", f"/networks/{network['Id']}")
    for volume in with_label(label, "/volumes")["Volumes"] or []:
        ask("DELETE", f"/volumes/{volume['Name']}?force=true")
    return len(with_label(label, "/containers/json")) + len(with_label(label, "/networks"))


def pruned(labels: set[str]) -> bool:
    """Whether nothing is left; an engine that does not answer as it should is asked again."""
    try:
        return sum(prune(label) for label in labels) == 0
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"the engine's answer was of no use: {error!r}", flush=True)
        return False


def seconds(name: str, default: float) -> float:
    """A duration such as ``10s`` from the environment."""
    return float(os.environ.get(name, f"{default}s").removesuffix("s"))


class Clients:
    """Who is connected, since when nobody is, and the labels they named."""

    def __init__(self) -> None:
        self.labels: set[str] = set()
        self.connected = 0
        self.alone_since = time.monotonic()
        self.ever = False
        self._lock = threading.Lock()

    def serve(self, connection: socket.socket) -> None:
        with self._lock:
            self.connected += 1
            self.ever = True
        try:
            with connection, connection.makefile("rw") as lines:
                for line in lines:
                    filter_ = urllib.parse.unquote(line.strip())
                    if filter_.startswith("label="):
                        self.labels.add(filter_.removeprefix("label="))
                    lines.write("ACK\n")
                    lines.flush()
        except OSError:
            pass
        finally:
            with self._lock:
                self.connected -= 1
                self.alone_since = time.monotonic()

    def gone(self) -> bool:
        """Whether nobody is connected, for long enough."""
        limit = (
            seconds("RYUK_RECONNECTION_TIMEOUT", 10)
            if self.ever
            else seconds("RYUK_CONNECTION_TIMEOUT", 60)
        )
        with self._lock:
            return self.connected == 0 and time.monotonic() - self.alone_since > limit


def main() -> None:
    clients = Clients()
    listener = socket.create_server(("", 8080))

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=clients.serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    print("Started", flush=True)
    while not clients.gone():
        time.sleep(0.2)
    # What the killed run had asked for may still be coming up: look again.
    for _ in range(TRIES):
        if pruned(clients.labels):
            time.sleep(1)
            if pruned(clients.labels):
                break
        time.sleep(0.5)


if __name__ == "__main__":
    main()
