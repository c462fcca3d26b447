"""Messages to the desk's own Signal number: fetched into memory, sealed there, answered by Signal."""
