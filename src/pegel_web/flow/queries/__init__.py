"""Reading value streams: only what was computed. Questions about the meaning of states alone open the lake."""
