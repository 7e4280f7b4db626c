"""A small WSGI application in the shape of nova-api's front door.

It has nova's concurrency (eventlet, patched before anything else is imported),
nova's middleware and nova's way to AMQP (oslo.messaging), and none of nova's
work.
"""
