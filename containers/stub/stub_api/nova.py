"""nova's answers on the routes that the article's steps use.

Format: https://docs.openstack.org/api-ref/compute/ (API versions; compute
services, microversion 2.53).
"""

from __future__ import annotations

_V20 = {
    "id": "v2.0",
    "status": "SUPPORTED",
    "version": "",
    "min_version": "",
    "updated": "2011-01-21T11:33:21Z",
}
_V21 = {
    "id": "v2.1",
    "status": "CURRENT",
    "version": "2.53",
    "min_version": "2.1",
    "updated": "2013-07-23T11:33:21Z",
}
_SERVICES = [
    ("0d8024fd-9605-446d-812d-2b7c500302dd", "nova-conductor"),
    ("e1127c3c-b49c-4a06-8783-03c0358b1256", "nova-scheduler"),
    ("4251e8c6-8874-403c-ad61-535daab1b464", "nova-compute"),
]


def versions(host_url: str) -> dict:
    """``GET /``"""
    return {
        "versions": [
            version | {"links": [{"rel": "self", "href": f"{host_url}/{path}/"}]}
            for version, path in ((_V20, "v2"), (_V21, "v2.1"))
        ]
    }


def version(host_url: str) -> dict:
    """``GET /v2.1/``"""
    return {
        "version": _V21
        | {
            "links": [{"rel": "self", "href": f"{host_url}/v2.1/"}],
            "media-types": [
                {
                    "base": "application/json",
                    "type": "application/vnd.openstack.compute+json;version=2.1",
                }
            ],
        }
    }


def services() -> dict:
    """``GET /v2.1/os-services``"""
    return {
        "services": [
            {
                "id": service_id,
                "binary": binary,
                "host": "undercloud-0.localdomain",
                "zone": "nova" if binary == "nova-compute" else "internal",
                "status": "enabled",
                "state": "up",
                "updated_at": "2019-07-25T08:48:53.000000",
                "disabled_reason": None,
                "forced_down": False,
            }
            for service_id, binary in _SERVICES
        ]
    }
