"""Removes everything that has a run's label once the run's process has ended.

The variable ``LABEL`` has the label. The run's process attaches to this container's standard
input, for which it needs access to the engine, and sends any line. The answer is ``ACK``.
However that process ends, the engine then closes the input. There is no port, and no other
command.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import socket
import time
import urllib.parse

SOCKET = "/var/run/docker.sock"
STANDARD_INPUT = 0
ATTACH_LIMIT_S = 10
TRIES = 10
ANSWER_LIMIT_S = 30


class Engine(http.client.HTTPConnection):
    """The engine's API on its Unix socket."""

    def connect(self) -> None:
        """Connect to the socket instead of a host."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(ANSWER_LIMIT_S)
        self.sock.connect(SOCKET)


def ask(method: str, path: str) -> tuple[int, object]:
    """Send one request to the engine, and return the status and the decoded body."""
    engine = Engine("engine")
    try:
        engine.request(method, path)
        response = engine.getresponse()
        body = response.read()
        return response.status, json.loads(body) if body else None
    finally:
        engine.close()


def with_label(label: str, path: str) -> object:
    """List what has the label under ``path``; an error of the engine is an ``OSError``."""
    filters = urllib.parse.quote(json.dumps({"label": [label]}))
    status, listed = ask("GET", f"{path}?all=true&filters={filters}")
    if status != http.client.OK:
        raise OSError(f"{path}: the engine answers {status}, {listed}")
    return listed


def prune(label: str) -> int:
    """Remove what has the label, and return how many containers and networks are left."""
    for container in with_label(label, "/containers/json"):
        ask("DELETE", f"/containers/{container['Id']}?force=true&v=true")
    for network in with_label(label, "/networks"):
        ask("DELETE", f"/networks/{network['Id']}")
    for volume in with_label(label, "/volumes")["Volumes"] or []:
        ask("DELETE", f"/volumes/{volume['Name']}?force=true")
    return len(with_label(label, "/containers/json")) + len(with_label(label, "/networks"))


def pruned(label: str) -> bool:
    """Remove what has the label; False if something is left, or the engine's answer is unusable."""
    try:
        return prune(label) == 0
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(f"the engine's answer is unusable: {error!r}", flush=True)
        return False


def wait_for_end() -> None:
    """Wait until the run's process has ended, or the limit to attach has passed."""
    print("Started", flush=True)
    if not select.select([STANDARD_INPUT], [], [], ATTACH_LIMIT_S)[0]:
        return
    if os.read(STANDARD_INPUT, 4096):
        print("ACK", flush=True)
        while os.read(STANDARD_INPUT, 4096):
            pass


def main(label: str) -> None:
    """Wait for the end of the run, and remove what it left."""
    wait_for_end()
    # Containers that the killed run asked for may still be starting: look again.
    for _ in range(TRIES):
        if pruned(label):
            time.sleep(1)
            if pruned(label):
                break
        time.sleep(0.5)


if __name__ == "__main__":
    main(os.environ["LABEL"])
