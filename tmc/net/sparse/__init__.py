"""The sparse engine: a network as plain numbers, evaluated only where something changes, and never twice on the same patch; no
torch here.

Start at `plain`, the network; `engine` runs a lattice by the loops of `patches`, `chain_rule` and `gradients` train it.
"""
