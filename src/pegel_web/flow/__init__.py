"""Value streams: what their work does, page by page."""
