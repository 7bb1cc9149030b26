"""Engines of tables: the simulator in Python, the table engine in machine code, many machines at once; traces, tapes as text,
loops.

Start at `simulator`. It knows nothing of networks.
"""
