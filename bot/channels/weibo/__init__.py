"""Weibo: posts of 140 characters that lead to a page of ours, confirmed by a person by default."""
