"""Syntax: from text to tree and back. `parser` reads, `formatter` writes, `program` follows `use`; errors are diagnostics with
hints.

It knows nothing of what a machine means.
"""
