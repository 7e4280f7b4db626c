"""The application's options, read by oslo.config as nova reads its own."""

from __future__ import annotations

import configparser
import logging
import os

from oslo_config import cfg
from oslo_log import log

CONFIGURATION_FILE = os.environ.get("STUB_API_CONF", "/etc/stub-api.conf")

STUB_OPTIONS = [
    cfg.StrOpt(
        "logging",
        default="oslo.log",
        choices=["oslo.log", "stdlib"],
        help="What writes the log. oslo.log gives Python's handlers a lock that "
        "native threads can share with greenlets; the standard library does not.",
    ),
    cfg.FloatOpt(
        "database_wait",
        default=0.01,
        min=0,
        help="Seconds that a request waits, yielding, before it uses AMQP: "
        "the place of nova's query to its database.",
    ),
    cfg.StrOpt(
        "heartbeat_loop",
        default="distro",
        choices=["distro", "2019"],
        help="The heartbeat loop of the oslo.messaging that is installed, or "
        "the one of 2019 put in its place.",
    ),
    cfg.FloatOpt(
        "extra_cpu",
        default=0,
        min=0,
        help="Seconds of CPU time that each request burns: a slow-down planted "
        "on purpose, to see whether the throughput test finds it.",
    ),
    cfg.FloatOpt(
        "call_timeout",
        default=3,
        min=0,
        help="Seconds that an RPC call may take, a reconnect included."
    ),
]


def load() -> cfg.ConfigOpts:
    """Read the configuration file into oslo.config's global object.

    The global one, since oslo.messaging's metrics read it. oslo.log's options
    come first: registered after the call they raise ``ArgsAlreadyParsedError``
    in every request.
    """
    conf = cfg.CONF
    log.register_options(conf)
    conf.register_opts(STUB_OPTIONS, group="stub")
    conf([], project="nova", prog="nova-api", default_config_files=[CONFIGURATION_FILE])
    if conf.stub.logging == "stdlib":
        logging.basicConfig(
            filename=conf.log_file,
            level=logging.DEBUG if conf.debug else logging.INFO,
            # oslo.log's own form
            format="%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s",
            datefmt="%Y-%m-%d %H:%M:%S",
            # an import has given the root logger a handler for stderr already
            force=True,
        )
    else:
        log.setup(conf, "nova-api")
    return conf


def written(section: str, option: str) -> str | None:
    """What stands in the configuration file, whether or not anything knows the option."""
    file = configparser.ConfigParser(interpolation=None)
    file.read(CONFIGURATION_FILE)
    return file.get(section, option, fallback=None)
