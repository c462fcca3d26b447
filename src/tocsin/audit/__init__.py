"""The append-only, chained record of who did what, when and why."""
