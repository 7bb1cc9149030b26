"""Target `wide`: a channel for each trit of a cell, small integers in float32, three layers. Rules → cells → filters.

Start at `rules_to_cells`, then `cells_to_filters`. The cells are a stage of every target: others get them, too, and may leave them
aside.
"""
