"""How well it went, in numbers: one file for each measure, with its definition, its uncertainty and its trend."""
