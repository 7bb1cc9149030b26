"""Machines of other programs: read into drafts, written from tables.

Start at `registry`, which lists the formats. A format's file has `read`, from a text to a draft, and most have `write`, from a
table to a text. `draft` is what all of them read into; `draft_to_text` makes a text in the language of it. It knows nothing of
networks.
"""
