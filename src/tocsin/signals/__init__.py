"""Runs analysis over what arrived and gives texts and findings one common shape."""
