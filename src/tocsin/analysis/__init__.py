"""Numbers and texts in, findings out: no Django, no network, no clock and no randomness of its own."""
