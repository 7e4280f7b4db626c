"""Libraries laid over the distribution's, and which of them this process really uses.

Run as a program, it imports each of them, and ends with one line if an import fails.
"""

from __future__ import annotations

import functools
import importlib
import json
import sys
from collections.abc import Callable
from importlib import metadata
from types import ModuleType

MANIFEST = "/usr/local/share/mpm-heartbeat/parts.json"


@functools.lru_cache(maxsize=None)
def _manifest() -> list[dict]:
    """The layer's own list of its libraries; empty without such a layer."""
    try:
        with open(MANIFEST, encoding="utf-8") as manifest:
            return json.load(manifest)
    except FileNotFoundError:
        return []


def report() -> list[dict]:
    """Each part, as it was built and as the running interpreter uses it."""
    return [
        {
            "name": part["name"],
            "content": part["content"],
            "place": part["place"],
            "built": part["version"],
            "version": _version(part["name"]),
            "files": [_place(sys.modules[name]) for name in part["modules"] if name in sys.modules],
        }
        for part in _manifest()
    ]


def _place(module: ModuleType) -> str:
    """A module's file; the first folder of a namespace."""
    return module.__file__ or next(iter(module.__path__))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _import_all() -> None:
    """Import every module of every part, and the driver."""
    for part in _manifest():
        for name in part["modules"]:
            _try(functools.partial(importlib.import_module, name), [part])
    # An application loads the driver only by its name.
    from probe import driver

    _try(driver.watch, _manifest())


def _try(work: Callable[[], object], parts: list[dict]) -> None:
    """Do ``work``; an error ends the program with one line that names ``parts``."""
    try:
        work()
    except Exception as error:
        names = " and ".join(f"{part['name']} {part['label']}" for part in parts)
        said = (str(error).splitlines() or [""])[0]
        print(f"part: {names} cannot be imported: {type(error).__name__}: {said}", flush=True)
        sys.exit(1)


if __name__ == "__main__":
    _import_all()
