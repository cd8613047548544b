"""Sources: one folder per tool or format, each mapping foreign rows to event-log batches."""
