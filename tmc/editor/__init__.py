"""The language server: what an editor asks, answered by plain functions.

Start at `server`, the only file that knows the protocol, and `reading`, what is known of an open text.
"""
