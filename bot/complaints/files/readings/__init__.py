"""Copies for reading, made by `isolation` in a process of their own: nothing else imports this package."""
