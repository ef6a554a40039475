"""The console: what regulators review alerts with, and engineers set thresholds with."""
