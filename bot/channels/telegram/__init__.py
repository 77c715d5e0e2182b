"""Telegram: posts in a channel in which our bot may post, changed when they are corrected, deleted when withdrawn."""
