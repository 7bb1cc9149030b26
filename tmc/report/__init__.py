"""The theorem in figures: a compilation beside the paper's bounds, and how networks grow with the number of states.

Start at `theorem`; `growth` measures the machines of `families`.
"""
