"""Data: labelled examples and queries, from files that are not trusted, from Python objects, or drawn at random from tasks.

Start at `datasets`.
"""
