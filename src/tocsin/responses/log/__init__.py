"""A plan's log: what may stand in it, what it means, where it is kept, and the rows that follow from it."""
