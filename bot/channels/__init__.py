"""One package per vendor: parse and render are pure, the sender talks, the routes receive."""
