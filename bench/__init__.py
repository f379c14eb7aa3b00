"""Benchmarks against peers: every row prints ours and the peer's, from one run, on the same input, answers compared."""
