"""Steps of the tamper kit."""
