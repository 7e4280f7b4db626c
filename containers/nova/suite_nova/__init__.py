"""What nova-api needs from the suite to be served without Keystone."""
