"""Footage to measure against: tampered recordings with ground truth and rendered scenes."""
