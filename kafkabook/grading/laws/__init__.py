"""The laws that each part must keep, shared by our tests and by every grade."""
