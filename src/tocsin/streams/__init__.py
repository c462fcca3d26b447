"""Requirements and sources: fetches outside data, remembers where it came from and notices silence."""
