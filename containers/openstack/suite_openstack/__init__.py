"""Lets an OpenStack service run without Keystone."""
