"""Takes letters from people at risk through any door, sealed on arrival to the keys of the desk that reads them."""
