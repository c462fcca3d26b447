"""Ways of reaching a person: one folder or file each, behind one small contract."""
