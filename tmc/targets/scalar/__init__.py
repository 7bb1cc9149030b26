"""Target `scalar`: the paper's network (Definition 5), a number for each cell, five matrices, a head of two. Rules → filters.

Start at `rules_to_scalar`.
"""
