"""The public door for people at risk, a site, a process and a database of its own that hold public keys only."""
