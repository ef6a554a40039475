"""trueshaft: finds falsified monitoring in coal mines."""

__version__ = "0.1.0"
