"""Evidence packages: everything about an alert in one signed file that is checked offline."""
