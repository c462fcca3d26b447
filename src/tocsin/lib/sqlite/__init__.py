"""SQLite as one node's database: writers queue on a lock file before they begin."""
