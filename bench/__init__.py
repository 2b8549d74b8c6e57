"""Benchmarks that docs/benchmarks.md quotes; run them as ``python -m bench.NAME``."""
