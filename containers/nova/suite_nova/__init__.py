"""What nova-api needs from the suite beside its database."""
