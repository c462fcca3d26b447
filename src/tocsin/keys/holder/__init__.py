"""The process that keeps opened vaults, in memory only, and what asks it."""
