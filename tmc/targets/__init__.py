"""Targets: the kinds of network that local rules can become.

Start at `target`, which says what a target is; `registry` says which there are.

Every folder here is one target. Nothing outside asks for a target's name: what differs is an attribute or a method of the object.
"""
