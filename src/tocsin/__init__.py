"""Tocsin: watches for threats to the people behind open knowledge, and helps them."""
