"""Publishing: a post is written once, approved by other people, and goes out on every channel exactly once.

Rules and values here are pure; the services open no connection and know no vendor. How a post looks on a channel
and how it gets there is behind the ports of `ports`.
"""
