"""Stored scores judged again under other thresholds: what would have been found, and what not."""
