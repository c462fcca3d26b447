"""Template tags of the pages of sources."""
