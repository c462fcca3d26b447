"""Small helpers that know nothing about this project."""
