"""The emergency address: takes mail in, seals it, and sends what a member of a desk answers."""
