"""The people and organisations whom we turn to for others: what each can do, and what each may be told."""
