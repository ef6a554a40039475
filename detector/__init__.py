"""trueshaft: finds falsified monitoring in coal mines."""

from importlib.metadata import version

__version__ = version("trueshaft")
