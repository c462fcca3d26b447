"""The pages of this room, by what somebody comes for."""
