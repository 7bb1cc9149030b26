"""Testing machines: their own tests, random machines, every stage in lockstep, and the first place where a network and a source
differ.

Start at `machine_tests` for the tests beside a machine, `lockstep` for stages side by side, `divergence` for ``tmc diff``.
Nothing here is a proof: those are in `tmc.verify`.
"""
