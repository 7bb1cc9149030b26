"""Runs as data: every configuration and every layer of a run, in a file and read back.

Start at `recorded`, what is read back; `reading` checks a file, `record` makes one, and `layout` says what stands in it.
"""
