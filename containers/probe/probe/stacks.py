"""Where every native thread stands, written when the process is asked from outside."""

from __future__ import annotations

import faulthandler
import signal

FILE = "/var/log/probe/stacks.log"


def write_on_signal() -> None:
    """Append the Python stacks of all native threads to ``FILE`` on SIGUSR2.

    faulthandler writes them from the signal handler itself, in C: that works
    when every thread waits for ever. mod_wsgi keeps Python code from handling
    signals, this does not need it to.
    """
    # Apache blocks signals in all of its threads. This one, which imports the
    # application, takes them, wherever it may stand by then.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR2})
    # Kept open for the life of the process: faulthandler has only the descriptor.
    faulthandler.register(signal.SIGUSR2, file=open(FILE, "a", encoding="utf-8"))  # noqa: SIM115
