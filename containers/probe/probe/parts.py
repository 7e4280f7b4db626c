"""Libraries that were laid over the distribution's, and what this process really has of them.

As a program it imports each of them, and ends with one line where one cannot be imported.
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
    """What the layer says that it has; nothing where there is no such layer."""
    try:
        with open(MANIFEST, encoding="utf-8") as manifest:
            return json.load(manifest)
    except FileNotFoundError:
        return []


def report() -> list[dict]:
    """Of each part: what was built, and what is in use, by the word of the running interpreter."""
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
    """Its file; a namespace's first folder."""
    return module.__file__ or next(iter(module.__path__))


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _import_all() -> None:
    for part in _manifest():
        for name in part["modules"]:
            _try(functools.partial(importlib.import_module, name), [part])
    # what an application loads by its name only
    from probe import driver

    _try(driver.watch, _manifest())


def _try(work: Callable[[], object], parts: list[dict]) -> None:
    try:
        work()
    except Exception as error:
        names = " and ".join(f"{part['name']} {part['label']}" for part in parts)
        said = (str(error).splitlines() or [""])[0]
        print(f"part: {names} cannot be imported: {type(error).__name__}: {said}", flush=True)
        sys.exit(1)


if __name__ == "__main__":
    _import_all()
