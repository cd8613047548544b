"""Effects of staggered roll-outs, each unit compared with others."""
