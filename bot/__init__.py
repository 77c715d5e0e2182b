"""Gonghui: service desk and newsroom of a city trade-union federation."""
