"""Target `wide`: a channel for each trit of a cell, small integers in float32, three layers.

Start at `cells_to_filters`.
"""
