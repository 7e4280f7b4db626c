"""eventlet or native threads: decided before anything else is imported.

nova does the same in ``nova/monkey_patch.py``, with the same variable.
"""

from __future__ import annotations

import os

# Bound before anything is patched. Imported at each call, one thread now and then
# met another's eventlet with its green modules in sys.modules, and failed.
from _thread import get_native_id as _native_id
from time import sleep as _sleep

PATCHED = os.environ.get("OS_NOVA_DISABLE_EVENTLET_PATCHING", "").lower() not in (
    "1",
    "true",
    "yes",
)

if PATCHED:
    # As nova had it for years (https://bugs.launchpad.net/nova/+bug/1164822). The
    # broker's name is resolved in C then, and an interpreter starts a quarter faster.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    import eventlet

    eventlet.monkey_patch()


def native_thread_id() -> int:
    """The kernel's id of the thread that runs this, whatever is patched."""
    return _native_id()


def native_sleep(seconds: float) -> None:
    """Block the native thread: no hub runs meanwhile, not even when patched."""
    _sleep(seconds)
