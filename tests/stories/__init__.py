"""Whole journeys, in a real browser where a person would use one."""
