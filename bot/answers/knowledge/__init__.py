"""The knowledge desk: how staff keep the FAQ base right.

Drafts with a second pair of eyes, questions nobody could answer, and a look at why a question found what it found.
"""
