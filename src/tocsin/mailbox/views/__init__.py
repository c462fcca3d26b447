"""Pages of desks and their letters."""
