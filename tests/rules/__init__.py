"""Rules of the house, each a test that fails when the rule is broken."""
