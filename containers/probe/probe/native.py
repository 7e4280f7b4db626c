"""Native functions, kept before eventlet patches anything: import this module first."""

from __future__ import annotations

# Imported once, because an import at each call sometimes failed: another thread's eventlet
# had its green modules in sys.modules just then.
from _thread import get_native_id as thread_id
from time import sleep

__all__ = ["sleep", "thread_id"]
