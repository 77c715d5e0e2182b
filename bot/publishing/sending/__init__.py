"""Sending what is due, by the ledger: each step here is one thing that happens to a delivery, in one transaction.

Whoever dies between two of them leaves a row that says how far it came; `sweeping` finds it.
"""
