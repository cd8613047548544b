"""Works-council mode, access log, retention, erasure, processing record."""
