"""The cellular automaton: from a table to local rules on a lattice, of which every cell sees only its 3x3 patch.

Start at `table_to_rules`. `rows_to_grid` and `edges` prepare the table, `signals` says what travels between cells,
`transitions`, `travel` and `memory` make the rules; `reachable` says which cells can occur. `rules_to_cells` codes the fields of
rules as `trits`, for every target. It knows nothing of channels, weights or number formats.
"""
