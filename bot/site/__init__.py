"""The public pages: home, conversation, entries, search. Server-rendered; scripts only make them nicer.

The parts come in through `SiteParts`; the store, the inbox and the clock are handed in.
"""
