"""Boolean circuits as files: a learner's classifier, a whole run, and the network itself, for other programs.

Start at `classifier`. A circuit here is a graph of AND gates whose wires may be negated (`graph`), which is what AIGER holds;
`gates` builds one, `from_table` and `from_weights` are two independent ways to the same classifier.
"""
