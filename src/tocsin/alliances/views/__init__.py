"""The pages of allies, and the door behind the link of a slice."""
