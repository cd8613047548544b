"""Files that people bring: looked at, corrected, imported into the lake, taken back."""
