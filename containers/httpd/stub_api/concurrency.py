"""eventlet or native threads: decided before anything else is imported.

nova does the same in ``nova/monkey_patch.py``, with the same variable.
"""

from __future__ import annotations

import os

PATCHED = os.environ.get("OS_NOVA_DISABLE_EVENTLET_PATCHING", "").lower() not in (
    "1",
    "true",
    "yes",
)

if PATCHED:
    import eventlet

    eventlet.monkey_patch()


def native_thread_id() -> int:
    """The kernel's id of the thread that runs this, whatever is patched."""
    import _thread

    return _thread.get_native_id()


def native_sleep(seconds: float) -> None:
    """Block the native thread: no hub runs meanwhile, not even when patched."""
    if PATCHED:
        from eventlet import patcher

        patcher.original("time").sleep(seconds)
    else:
        import time

        time.sleep(seconds)
