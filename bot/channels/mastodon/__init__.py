"""An account at any server with Mastodon's API."""
