"""A WSGI middleware that reports what a process is, whatever application it serves.

The application is not changed for it. The middleware answers ``/probe/...`` itself. To every
answer it adds the process and the native thread that gave it. It reads its facts from
the running objects: the driver's own connections, the log's handlers, the patched modules.
"""
