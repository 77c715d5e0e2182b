"""Platforms without an API: a pack to copy, and a person's word; each platform is a channel `by_hand.<id>`."""
