"""`trueshaft gateway`: pulls cameras and publishes what they show."""
