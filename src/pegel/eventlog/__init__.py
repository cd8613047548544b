"""Event log: schema, batches, workflow mapping, policies, calendars."""
