"""`python -m detector` is the command `trueshaft`."""

import sys

from detector.cli import main

if __name__ == "__main__":
    sys.exit(main())
