"""The script that mod_wsgi or uWSGI loads, once in each process.

``PROBE_APPLICATION`` names the WSGI callable to serve, ``module:callable``. It is
imported before anything that eventlet may patch.
"""

import importlib
import os

from probe import native  # noqa: F401  isort:skip  before anything is patched

_module_name, _callable_name = os.environ["PROBE_APPLICATION"].split(":")
_module = importlib.import_module(_module_name)

from probe import middleware, stacks  # noqa: E402  isort:skip  after the application has patched

application = middleware.Probe(
    getattr(_module, _callable_name),
    # what an application may say of itself beside what the probe finds
    facts=getattr(_module, "facts", dict),
    # what one that uses another library than oslo.messaging says of its connections
    connections=getattr(_module, "connections", list),
)
stacks.write_on_signal()
