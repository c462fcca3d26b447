"""Asks a chosen group whether they are safe or can help, and notices silence."""
