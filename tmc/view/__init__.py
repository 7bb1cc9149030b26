"""Pictures and texts of every stage: for people, for programs, as graphs. It knows nothing of files or commands."""
