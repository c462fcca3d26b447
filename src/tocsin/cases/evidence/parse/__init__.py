"""Reads, draws and cleans foreign files inside the jail; nothing here knows a framework."""
