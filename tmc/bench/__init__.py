"""Experiments for users: the compiled network beside other learners, and restarts beside every single machine.

Start at `parity`, the headline. Each file is what one command of ``tmc bench`` measures, or is beside it.
"""
