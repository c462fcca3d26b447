"""The pages of roll-calls and journeys."""
