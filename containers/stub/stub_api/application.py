"""The WSGI application: routes, nova's request log, nova's middleware."""

from __future__ import annotations

import logging
import time

import oslo_messaging
import webob
import webob.dec
import webob.exc
from oslo_config import cfg
from oslo_context import context
from oslo_log import log
from oslo_middleware import cors, http_proxy_to_wsgi, request_id, sizelimit

from stub_api import configuration, messaging, nova

LOG = log.getLogger("nova.api.openstack.requestlog")


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
            "/v2.1/call": self._call,
        }

    @webob.dec.wsgify
    def __call__(self, request: webob.Request) -> webob.Response:
        route = self._routes.get(request.path.rstrip("/") or "/")
        if route is None:
            raise webob.exc.HTTPNotFound()
        if self._extra_cpu:
            self._burn(self._extra_cpu)
        return webob.Response(json_body=route(request))

    def facts(self) -> dict:
        """The options in effect in this process (seconds), and facts that the probe does not report."""
        return {
            "database_wait": self._database_wait,
            "extra_cpu": self._extra_cpu,
            "pool_ttl": self._conductor.pool_ttl,
            "heartbeat_in_pthread": configuration.written(
                "oslo_messaging_rabbit", "heartbeat_in_pthread"
            ),
            "amqp_logs_from": logging.getLevelName(
                logging.getLogger("amqp").getEffectiveLevel()
            ),
        }

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

    @staticmethod
    def _burn(seconds: float) -> None:
        """Occupy the processor and the interpreter lock, as slow Python code does."""
        end = time.thread_time() + seconds
        while time.thread_time() < end:
            pass

    def _wait_for_database(self) -> None:
        if self._database_wait:
            time.sleep(self._database_wait)


def _request_id(request: webob.Request) -> str:
    """The caller's request id, or the id that oslo.middleware generated."""
    return request.environ.get(
        request_id.GLOBAL_REQ_ID
    ) or request.environ.get(request_id.ENV_REQUEST_ID)


class RequestLog:
    """Logs each request in nova's own format (``nova.api.openstack.requestlog``)."""

    def __init__(self, application: StubApi) -> None:
        self._application = application

    @webob.dec.wsgify
    def __call__(self, request: webob.Request) -> webob.Response:
        # oslo.log prints this in brackets on every line of this request.
        context.RequestContext(
            request_id=request.environ.get(request_id.ENV_REQUEST_ID),
            global_request_id=request.environ.get(request_id.GLOBAL_REQ_ID),
        )
        started = time.monotonic()
        response = request.get_response(self._application)
        LOG.info(
            '%(address)s "%(method)s %(path)s" status: %(status)s '
            "len: %(length)s microversion: %(microversion)s time: %(time).6f",
            {
                "address": request.remote_addr,
                "method": request.method,
                "path": request.path,
                "status": response.status_int,
                "length": response.content_length,
                "microversion": request.headers.get("OpenStack-API-Version", "- -").split()[-1],
                "time": time.monotonic() - started,
            },
        )
        return response


def behind_middleware(stub: StubApi, conf: cfg.ConfigOpts) -> cors.CORS:
    """The application behind the middleware that nova's paste.ini lists first."""
    application = RequestLog(stub)
    application = sizelimit.RequestBodySizeLimiter(application, conf)
    application = request_id.RequestId(application)
    application = http_proxy_to_wsgi.HTTPProxyToWSGI(application, conf)
    return cors.CORS(application, conf)
