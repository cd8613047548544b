"""Requests that leave Pegel for addresses that people entered: nothing inside the network may be reached by them."""
