"""What templates need to draw reports."""
