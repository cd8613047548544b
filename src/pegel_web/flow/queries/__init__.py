"""Reading value streams: only what was computed; no question here opens the lake."""
