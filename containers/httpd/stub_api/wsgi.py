"""The script that mod_wsgi or uWSGI loads, once in each process."""

from stub_api import concurrency  # noqa: F401  isort:skip  patches before all else
from stub_api import application as stub
from stub_api import configuration, stacks

application = stub.make(configuration.load())
stacks.write_on_signal()
