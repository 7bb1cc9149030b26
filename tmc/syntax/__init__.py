"""The language: the syntax tree, and the parser that makes it."""
