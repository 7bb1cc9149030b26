"""Experiments for users: the compiled network beside other learners, and restarts beside every single machine."""
