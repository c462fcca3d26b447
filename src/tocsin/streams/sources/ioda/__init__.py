"""IODA: how much of a country's network can be reached, by routes, by probes and by what a telescope hears of it."""
