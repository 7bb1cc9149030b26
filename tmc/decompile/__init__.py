"""The way back: a table as a text in the language, with as few rules as can easily be had. Start at `table_to_text`."""
