"""Table to table: passes that make a machine smaller, one in a file. Start at `passes`."""
