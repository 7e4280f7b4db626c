"""A library that does nothing, for tests that serve a part."""
