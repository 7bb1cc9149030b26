"""Syntax: from text to tree and back; errors are diagnostics with hints.

Start at `parser`, which reads; `formatter` writes, `program` follows `use`. It knows nothing of what a machine means.
"""
