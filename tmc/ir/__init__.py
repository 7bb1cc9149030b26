"""Representations: table, rules, cells, filters, lattice, circuit. Frozen data, and beside each its meaning: a `step` that says
what it computes.

No torch, no numpy, no networkx; nothing here knows how a representation is made.
"""
