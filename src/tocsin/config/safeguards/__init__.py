"""Safeguards: one function each, which gives what was found and the mend."""
