"""What an editor asks of a text, as plain functions; `server` (the only importer of pygls) lets an editor ask over stdio."""
