"""What a server loads: the WSGI callable, and the facts that it has of itself."""

from stub_api import concurrency  # noqa: F401  isort:skip  patches before all else
from stub_api import application as stub
from stub_api import configuration

_conf = configuration.load()
_stub = stub.StubApi(_conf)
application = stub.behind_middleware(_stub, _conf)
facts = _stub.facts
