"""GDELT: every quarter of an hour, what the world's press writes about, coded by a machine."""
