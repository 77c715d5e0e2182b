"""Subscriptions to what the federation publishes, and sending it to everybody who asked for it, once each."""
