"""Signed JSON to portals and media; each target of the settings is a channel `webhook.<id>` of its own."""
