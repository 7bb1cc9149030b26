"""The language server: what an editor asks, answered by plain functions. `server` is the only file that knows the protocol."""
