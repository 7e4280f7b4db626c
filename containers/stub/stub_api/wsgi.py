"""The stub's WSGI callable for a server, and the stub's own facts."""

# First: it patches the standard library.
from stub_api import concurrency
from stub_api import application as stub
from stub_api import configuration

_conf = configuration.load()
_stub = stub.StubApi(_conf)
application = stub.behind_middleware(_stub, _conf)
facts = _stub.facts
