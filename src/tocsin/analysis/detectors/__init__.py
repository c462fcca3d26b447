"""One file per detector, each fed with one point at a time."""
