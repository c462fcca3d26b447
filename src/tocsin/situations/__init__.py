"""Groups signals into one development that a person can assess."""
