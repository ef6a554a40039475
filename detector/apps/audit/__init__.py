"""The audit of recordings: read, judge, report."""

from detector.apps.audit.command import audit_command

__all__ = ["audit_command"]
