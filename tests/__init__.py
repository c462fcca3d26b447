"""Tests that belong to no single room: rules about the code, and whole journeys."""
