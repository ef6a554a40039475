"""Array mathematics of the detection: change, noise, recurrence, runs. No I/O, no clock."""
