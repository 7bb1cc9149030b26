"""Benchmarks: each prints a ratio against an alternative measured in the same run. ``python -m benchmarks`` runs them all."""
