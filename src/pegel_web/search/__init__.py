"""One search over everything a person may see; each app registers what can be found."""
