"""Proofs: that the weights in a checkpoint do, layer after layer, what the source in it says. Start at `certificate`.

Rules are read again from the table, terms from the weights in the file; nothing of `tmc.targets` but names and codings is used,
so that a fault of the compiler is not repeated here.
"""
