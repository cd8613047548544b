"""Documents on paper: what they are made of, how they look (``document.typ``), and how they become a PDF."""
