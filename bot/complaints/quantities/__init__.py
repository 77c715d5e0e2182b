"""Sums, numbers of people and days as workers type them, with the range that the words allow."""
