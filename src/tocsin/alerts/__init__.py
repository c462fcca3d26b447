"""Reaches the people who must know, until one answers."""
