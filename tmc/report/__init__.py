"""The theorem in figures: a compilation beside the paper's bounds, and how networks grow with the number of states.

Start at `theorem`; `cells_to_circuit` counts the gates of a run, `growth` measures the machines of `families`.
"""
