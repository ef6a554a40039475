"""The report of an audit: its data (report.json) and its page (report.html)."""
