"""Mail to staff over SMTP."""
