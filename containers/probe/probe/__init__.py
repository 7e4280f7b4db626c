"""What a process says about itself, whatever application it serves.

A WSGI middleware around an application that is not changed for it. It answers
``/probe/...`` itself and names, on every other answer, the process and the
native thread that gave it. What it reports is read from the running objects:
the driver's own connections, the handlers of the log, the patched modules.
"""
