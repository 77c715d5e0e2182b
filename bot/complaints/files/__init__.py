"""Files of complaints: told by content, kept sealed, copied for reading, fetched from channels."""
