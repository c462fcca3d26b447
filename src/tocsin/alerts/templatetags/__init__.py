"""Tags of the pages of alerts."""
