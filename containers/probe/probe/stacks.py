"""Writes the Python stack of every native thread when another process asks for it."""

from __future__ import annotations

import faulthandler
import signal

FILE = "/var/log/probe/stacks.log"


def write_on_signal() -> None:
    """Append the Python stacks of all native threads to ``FILE`` on SIGUSR2.

    faulthandler writes them in C, from the signal handler itself. This works even if every
    thread waits for ever, and under mod_wsgi, which keeps Python code from handling signals.
    """
    # Apache blocks signals in all of its threads. The thread that imports the application
    # accepts this one.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR2})
    # The file stays open for the life of the process: faulthandler keeps only its descriptor.
    faulthandler.register(signal.SIGUSR2, file=open(FILE, "a", encoding="utf-8"))
