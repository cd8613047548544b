"""Which effect a roll-out could show, and in which order units should adopt."""
