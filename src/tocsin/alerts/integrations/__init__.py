"""Doors by which other systems hand over alerts: who may knock, what they may say, and how it becomes an alert."""
