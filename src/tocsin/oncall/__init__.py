"""Who is on duty at any moment, and who next."""
