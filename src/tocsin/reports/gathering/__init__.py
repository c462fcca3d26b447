"""Facts, pulled from each room by a function of its own: one file per room, one line each in the registry."""
