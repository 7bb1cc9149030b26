"""Pictures and texts of every stage: for people, for programs, as graphs.

Start at `stages`, which finds the view of any stage. It knows nothing of files or commands.
"""
