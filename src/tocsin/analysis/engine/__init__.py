"""Dataframes over the files it is handed: scan, filter, group and join."""
