"""The script that the server loads, once in each process.

``PROBE_APPLICATION`` names the WSGI callable to serve, ``module:callable``.
"""

import importlib
import os

# First: it keeps native functions that eventlet may patch.
from probe import native

_module_name, _callable_name = os.environ["PROBE_APPLICATION"].split(":")
_module = importlib.import_module(_module_name)

# Only after the application has patched.
from probe import middleware, stacks

application = middleware.Probe(
    getattr(_module, _callable_name),
    # Facts that the application itself adds.
    facts=getattr(_module, "facts", dict),
    # Connections of an application that does not use oslo.messaging.
    connections=getattr(_module, "connections", list),
)
stacks.write_on_signal()
