"""Benchmarks of the whole café. `make bench` writes the results into docs/performance.md."""
