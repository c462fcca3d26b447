"""Seals and opens: vaults, the directory of keys, safes with compartments and epochs, custodians, shredding."""
