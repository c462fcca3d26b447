"""Tests of the on-call room."""
