"""Footage to measure against: tampered recordings with ground truth, rendered scenes, a benchmark."""
