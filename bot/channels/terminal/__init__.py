"""The terminal as a channel: `gonghui ask` and `gonghui chat`."""
