"""What each address of the door answers."""
