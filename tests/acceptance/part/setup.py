from setuptools import setup

setup(name="mpm-heartbeat-part", version="1.0", py_modules=["mpm_heartbeat_part"])
