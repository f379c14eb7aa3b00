"""What people look at: maps that work with no network."""
