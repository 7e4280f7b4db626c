"""The native thread, whatever eventlet patches later: import this first."""

from __future__ import annotations

# Bound before anything is patched. Imported at each call, one thread now and then
# met another's eventlet with its green modules in sys.modules, and failed.
from _thread import get_native_id as thread_id
from time import sleep

__all__ = ["sleep", "thread_id"]
