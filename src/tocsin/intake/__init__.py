"""The public door for people at risk: its own site, process and database. It holds public keys only."""
