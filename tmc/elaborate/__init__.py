"""Elaboration, from syntax trees to a table: names, parameters, captures, tests, bounds, holes, and lints. The editor uses it,
too.

Start at `syntax_to_table`. It knows nothing of networks, of engines, or of how a table will be run.
"""
