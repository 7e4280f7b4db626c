"""The WSGI application: routes, nova's request log, nova's middleware."""

from __future__ import annotations

import time

import oslo_messaging
import webob
import webob.dec
import webob.exc
from oslo_config import cfg
from oslo_context import context
from oslo_log import log
from oslo_middleware import cors, http_proxy_to_wsgi, request_id, sizelimit

from stub_api import concurrency, messaging, nova, process

LOG = log.getLogger("nova.api.openstack.requestlog")
MARKER_LOG = log.getLogger("stub_api.marker")


class StubApi:
    """Routes by path, one method each."""

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        self._database_wait = conf.stub.database_wait
        self._extra_cpu = conf.stub.extra_cpu
        self._conductor = messaging.Conductor(conf)
        self._routes = {
            "/": self._versions,
            "/v2.1": self._version,
            "/v2.1/os-services": self._services,
            "/probe/call": self._call,
            "/probe/yield": self._yield,
            "/probe/hold": self._hold,
            "/probe/process": self._process,
            "/probe/mark": self._mark,
        }

    @webob.dec.wsgify
    def __call__(self, request: webob.Request) -> webob.Response:
        route = self._routes.get(request.path.rstrip("/") or "/")
        if route is None:
            raise webob.exc.HTTPNotFound()
        if self._extra_cpu:
            self._burn(self._extra_cpu)
        served_by = process.served_by()
        try:
            response = webob.Response(json_body=route(request))
        except webob.exc.HTTPException as refused:
            response = refused
        response.headers["X-Served-By"] = served_by
        return response

    def _versions(self, request: webob.Request) -> dict:
        return nova.versions(request.host_url)

    def _version(self, request: webob.Request) -> dict:
        return nova.version(request.host_url)

    def _services(self, request: webob.Request) -> dict:
        self._wait_for_database()
        self._conductor.cast(_request_id(request))
        return nova.services()

    def _call(self, request: webob.Request) -> dict:
        self._wait_for_database()
        try:
            return {"reply": self._conductor.call(_request_id(request))}
        except oslo_messaging.MessagingTimeout as timeout:
            raise webob.exc.HTTPGatewayTimeout(str(timeout)) from timeout

    def _yield(self, request: webob.Request) -> dict:
        """Yield to the hub, publish nothing."""
        time.sleep(0.01)
        return {}

    def _hold(self, request: webob.Request) -> dict:
        """Occupy the native thread without yielding, for ``seconds``."""
        concurrency.native_sleep(min(float(request.params.get("seconds", 0)), 5))
        return {}

    def _process(self, request: webob.Request) -> dict:
        return process.report(request.environ)

    def _mark(self, request: webob.Request) -> dict:
        """Write a marker through the logger that the heartbeat errors use."""
        MARKER_LOG.warning("marker %s", request.params.get("token", ""))
        return {}

    @staticmethod
    def _burn(seconds: float) -> None:
        """Keep the processor and the interpreter lock, as slow Python code does."""
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    def _wait_for_database(self) -> None:
        if self._database_wait:
            time.sleep(self._database_wait)


def _request_id(request: webob.Request) -> str:
    """The caller's request id, or the one that oslo.middleware made up."""
    return request.environ.get(
        request_id.GLOBAL_REQ_ID
    ) or request.environ.get(request_id.ENV_REQUEST_ID)


class RequestLog:
    """nova's request log line, in nova's words (``nova.api.openstack.requestlog``)."""

    def __init__(self, application) -> None:
        self._application = application

    @webob.dec.wsgify
    def __call__(self, request: webob.Request) -> webob.Response:
        # What oslo.log prints in brackets, on every line of this request.
        context.RequestContext(
            request_id=request.environ.get(request_id.ENV_REQUEST_ID),
            global_request_id=request.environ.get(request_id.GLOBAL_REQ_ID),
        )
        started = time.monotonic()
        response = request.get_response(self._application)
        if not request.path.startswith("/probe/"):
            LOG.info(
                '%(address)s "%(method)s %(path)s" status: %(status)s '
                "len: %(length)s microversion: %(microversion)s time: %(time).6f",
                {
                    "address": request.remote_addr,
                    "method": request.method,
                    "path": request.path,
                    "status": response.status_int,
                    "length": response.content_length,
                    "microversion": request.headers.get(
                        "OpenStack-API-Version", "- -"
                    ).split()[-1],
                    "time": time.monotonic() - started,
                },
            )
        return response


def make(conf: cfg.ConfigOpts):
    """The application behind the middleware that nova's paste.ini lists first."""
    application = RequestLog(StubApi(conf))
    application = sizelimit.RequestBodySizeLimiter(application, conf)
    application = request_id.RequestId(application)
    application = http_proxy_to_wsgi.HTTPProxyToWSGI(application, conf)
    return cors.CORS(application, conf)
