"""Tags for the pages of duty."""
