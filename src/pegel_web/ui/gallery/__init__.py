"""The live gallery: every component in every state, in the language of whoever looks."""
