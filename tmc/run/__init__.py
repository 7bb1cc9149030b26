"""Engines of tables: the simulator in Python, the table engine in machine code, many machines at once; traces, tapes as text,
loops, what space-time diagrams count.

Start at `simulator`. It knows nothing of networks.
"""
