"""What a service of OpenStack needs from the suite to be served without Keystone."""
