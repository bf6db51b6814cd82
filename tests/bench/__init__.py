"""Measurements of the whole café, written into docs/performance.md by `make bench`."""
