"""A small WSGI application in the shape of nova-api's front door.

It has nova's concurrency (eventlet, patched before anything else is imported), nova's
middleware and nova's use of AMQP (oslo.messaging), but does none of nova's work.
"""
