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
        help="The library that writes the log. oslo.log gives Python's handlers a lock that "
        "native threads can share with greenlets; the standard library does not.",
    ),
    cfg.FloatOpt(
        "database_wait",
        default=0.01,
        min=0,
        help="Seconds that a request yields for before it uses AMQP, "
        "instead of nova's query to its database.",
    ),
    cfg.StrOpt(
        "heartbeat_loop",
        default="distro",
        choices=["distro", "2019"],
        help="The heartbeat loop of the installed oslo.messaging, or "
        "the loop of 2019 in its place.",
    ),
    cfg.FloatOpt(
        "extra_cpu",
        default=0,
        min=0,
        help="Seconds of CPU time that each request burns: a planted slow-down, "
        "which the throughput test must find.",
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

    It is the global one because oslo.messaging's metrics read it. oslo.log's options are
    registered before the call. Afterwards they would raise ``ArgsAlreadyParsedError`` in every
    request.
    """
    conf = cfg.CONF
    log.register_options(conf)
    conf.register_opts(STUB_OPTIONS, group="stub")
    conf([], project="nova", prog="nova-api", default_config_files=[CONFIGURATION_FILE])
    if conf.stub.logging == "stdlib":
        logging.basicConfig(
            filename=conf.log_file,
            level=logging.DEBUG if conf.debug else logging.INFO,
            # oslo.log's own format.
            format="%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s [-] %(message)s",
            datefmt="%Y-%m-%d %H:%M:%S",
            # An import has already given the root logger a handler for stderr.
            force=True,
        )
    else:
        log.setup(conf, "nova-api")
    return conf


def written(section: str, option: str) -> str | None:
    """An option's value in the configuration file, even if no library knows the option."""
    file = configparser.ConfigParser(interpolation=None)
    file.read(CONFIGURATION_FILE)
    return file.get(section, option, fallback=None)
