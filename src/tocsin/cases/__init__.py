"""Confidential work for people at risk, sealed and read only by those who were let in."""
