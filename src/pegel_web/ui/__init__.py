"""What pages are made of: components, templates, styles, and the live gallery at ``/ui/``."""
