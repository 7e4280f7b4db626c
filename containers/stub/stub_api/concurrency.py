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
    # As in nova for years (https://bugs.launchpad.net/nova/+bug/1164822). The broker's name is
    # then resolved in C, and an interpreter starts a quarter faster.
    os.environ.setdefault("EVENTLET_NO_GREENDNS", "yes")
    import eventlet

    eventlet.monkey_patch()
