"""The pages of communities, of promises to them, and of context from outside."""
