"""Platforms as far as we speak to them, written from their documentation; over real sockets where it matters."""
