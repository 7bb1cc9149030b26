"""Representations: table, rules, cells, filters, lattice, circuit. Frozen data, and beside each its meaning: a `step` that says
what it computes.

Start at `table`, what a machine is, and `rules`, what a cell does. No torch, no numpy, no networkx; nothing here knows how a
representation is made.
"""
