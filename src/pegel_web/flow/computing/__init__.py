"""Asking the library: from a lake to the contents of pages, without a request, an actor or a database.

Nothing here works out a figure. It chooses what to ask, and puts the library's answers and words into contracts.
"""
