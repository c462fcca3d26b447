"""What to do in the first hour, day and week of each kind of emergency: texts that a team changes, and who may act."""
