"""A library that does nothing, to be served in place of a distribution's."""
